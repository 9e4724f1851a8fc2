/** Small exports whose column names contain extra words, or that have the company instead of the person. */
import type { ExportKind } from './exportKinds.js';

const ANN = 'Ann Roe · ann@x.example · 555 · Roe Inc';

export const DECORATED_EXPORTS: ExportKind[] = [
  [
    'Gravity Forms: parts of a name behind it',
    '﻿"Name (First)","Name (Last)","Email","Company","Phone","Created By (User Id)","Entry Id","Entry Date"\n"Ann","Roe","ann@x.example","Roe Inc","555","","1","2026-01-05"\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'WPForms',
    '"Name: First","Name: Last","E-mail","Company","Phone","Entry ID"\n"Ann","Roe","ann@x.example","Roe Inc","555","1"\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Chargebee: one word before all names',
    'customers.id,customers.first_name,customers.last_name,customers.email,customers.phone,customers.company,customers.auto_collection\n1,Ann,Roe,ann@x.example,555,Roe Inc,on\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Recurly: one word before all names',
    'account_code,account_email,account_first_name,account_last_name,account_company_name,account_phone,account_created_at\n1,ann@x.example,Ann,Roe,Roe Inc,555,2026-01-05\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'LimeSurvey: codes before the questions',
    '"id. Response ID";"submitdate. Date submitted";"lastpage. Last page";"startlanguage. Start language";"name. What is your name?";"company. Company";"email. E-mail";"phone. Phone"\n"1";"2026-01-05 10:00:00";"2";"en";"Ann Roe";"Roe Inc";"ann@x.example";"555"\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'LimeSurvey: questions',
    '"Response ID","Date submitted","Last page","Start language","What is your name?","Which company are you from?","What is your e-mail address?","What is your phone number?"\n"1","2026-01-05 10:00:00","2","en","Ann Roe","Roe Inc","ann@x.example","555"\n',
    {
      options: [
        '--map',
        'name=What is your name?',
        '--map',
        'email=What is your e-mail address?',
        '--map',
        'company=Which company are you from?',
      ],
    },
  ],
  [
    'ClickUp',
    'Task ID,Task Name,Status,Assignees,Email (email),Company (short text),Phone (phone)\n1,Ann Roe,open,,ann@x.example,Roe Inc,555\n',
    { options: ['--map', 'name=Task Name'] },
  ],
  [
    'Qualtrics',
    'StartDate,EndDate,Status,RecipientLastName,RecipientFirstName,RecipientEmail,Q1,Q2\nStart Date,End Date,Response Type,Recipient Last Name,Recipient First Name,Recipient Email,Company,Phone\n"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}","{""ImportId"":""recipientLastName""}","{""ImportId"":""recipientFirstName""}","{""ImportId"":""recipientEmail""}","{""ImportId"":""QID1_TEXT""}","{""ImportId"":""QID2_TEXT""}"\n2026-01-05,2026-01-05,0,Roe,Ann,ann@x.example,Roe Inc,555\n',
    { options: ['--skip-lines', '1'] },
  ],
  [
    'EBP, French',
    'Code (tiers);Raison sociale;Nom (contact) (facturation);Prénom (contact) (facturation);Adresse e-mail (contact) (facturation);Téléphone fixe (contact) (facturation)\nC1;Roe SARL;Roe;Ann;ann@x.example;555\n',
    {
      options: [
        '--map',
        'name=Prénom (contact) (facturation) + Nom (contact) (facturation)',
        '--map',
        'email=Adresse e-mail (contact) (facturation)',
      ],
    },
  ],
  [
    'MailerLite',
    'Subscriber,Status,Subscribed,Name,Last name,Company,Phone,Location\nann@x.example,Active,2026-01-05 10:00:00,Ann,Roe,Roe Inc,555,\n',
    { options: ['--map', 'email=Subscriber'] },
  ],
  [
    'Fatture in Cloud',
    'Denominazione;Referente;Indirizzo;Comune;CAP;Indirizzo e-mail;Telefono;P.IVA/TAX ID\nRoe SpA;Ann Roe;Via 1;Roma;00100;ann@x.example;555;IT1\n',
    { options: ['--map', 'name=Referente', '--map', 'company=Denominazione'] },
  ],
  [
    'Exact Online, Dutch',
    'Code;Naam;Adres;Postcode;Plaats;Contactpersoon;E-mail;Telefoon\n1;Roe BV;Weg 1;1234AB;Stad;Ann Roe;ann@x.example;555\n',
    { options: ['--map', 'name=Contactpersoon', '--map', 'company=Naam'] },
  ],
  [
    'Moloni',
    'Número;Nome;NIF;Morada;E-mail;Telefone;Contacto: nome\n1;Roe Lda;5;Rua 1;ann@x.example;555;Ann Roe\n',
    { options: ['--map', 'name=Contacto: nome', '--map', 'company=Nome'] },
  ],
  [
    'MYOB',
    '{}\nCo./Last Name\tFirst Name\tCard ID\tCard Status\tAddr 1 - Line 1\tAddr 1 - Phone No. 1\tAddr 1 - Email\tAddr 1 - Contact Name\nRoe Inc\t\tC1\tN\t1 Way\t555\tann@x.example\tAnn Roe\n',
    { options: ['--map', 'name=First Name + Co./Last Name', '--map', 'company=Co./Last Name'] },
  ],
  [
    'Sage 50 UK',
    'Account Reference,Account Name,Street 1,Street 2,Town,County,Postcode,Contact Name,Telephone Number,Fax Number,Analysis 1,E-Mail\nROE01,Roe Inc,1 Way,,Town,,AB1,Ann Roe,555,,,ann@x.example\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Sage 50 US',
    '"Customer ID","Customer Name","Inactive?","Bill to Contact First Name","Bill to Contact Last Name","Telephone 1","Telephone 2","Customer E-mail"\n"R1","Roe Inc","FALSE","Ann","Roe","555","","ann@x.example"\n',
    {
      options: [
        '--map',
        'name=Bill to Contact First Name + Bill to Contact Last Name',
        '--map',
        'company=Customer Name',
      ],
    },
  ],
  [
    'Wave',
    'customer_name,email,contact_first_name,contact_last_name,customer_currency,account_number,phone,fax,mobile,toll_free,website,country\nRoe Inc,ann@x.example,Ann,Roe,USD,,555,,,,,US\n',
    { options: ['--map', 'name=contact_first_name + contact_last_name', '--map', 'company=customer_name'] },
  ],
  [
    'ActiveCampaign',
    '"ID","Email","First Name","Last Name","Phone","Account","Job Title","Date Created","Tags"\n"1","ann@x.example","Ann","Roe","555","Roe Inc","CEO","2026-01-05 10:00:00","vip"\n',
    { options: ['--map', 'company=Account'] },
  ],
  [
    'Dynamics 365: contacts',
    '(Do Not Modify) Contact,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Full Name,Email,Company Name,Business Phone,Status\n5f1,abc==,1/5/2026 10:00 AM,Ann Roe,ann@x.example,Roe Inc,555,Active\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Lightspeed X',
    'id,customer_code,first_name,last_name,company_name,customer_group_name,email,phone,mobile,fax,enable_loyalty\n1,ann-AB,Ann,Roe,Roe Inc,All,ann@x.example,555,,,1\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Lightspeed R',
    'Customer ID,Title,First Name,Last Name,Company,Customer Type,Home Phone,Work Phone,Mobile,Email 1,Email 2,Tags\n1,,Ann,Roe,Roe Inc,Default,,555,,ann@x.example,,\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'JTL-Wawi',
    'Kundennummer;Firma;Firmenzusatz;Anrede;Titel;Vorname;Nachname;Straße;PLZ;Ort;Land;Tel;Fax;Mobil;E-Mail;USt-ID\n1;Roe Inc;;Frau;;Ann;Roe;Weg 1;1;Ort;DE;555;;;ann@x.example;\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'monday.com',
    'Contacts\nManage all contacts\n\nActive\nName,Company,Email,Phone,Type\nAnn Roe,Roe Inc,ann@x.example,555,Customer\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Copper',
    'Copper ID,Salutation,First Name,Middle Name,Last Name,Suffix,Name,Title,Company,Company ID,Work Email,Home Email,Work Phone,Mobile Phone\n1,,Ann,,Roe,,Ann Roe,CEO,Roe Inc,5,ann@x.example,,555,\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Act!',
    '"Company","Contact","First Name","Last Name","Phone","Mobile Phone","E-mail","ID/Status"\n"Roe Inc","Ann Roe","Ann","Roe","555","","ann@x.example","Customer"\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'lexoffice',
    'Kundennummer;Lieferantennummer;Firmenname;Anrede;Vorname;Nachname;Straße 1;PLZ 1;Ort 1;E-Mail 1;Telefon 1;Notiz\n10001;;Roe Inc;Frau;Ann;Roe;Weg 1;1;Ort;ann@x.example;555;\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Contact Form 7',
    '"Channel","your-name","your-email","your-company","your-tel","Date"\n"Contact","Ann Roe","ann@x.example","Roe Inc","555","2026-01-05"\n',
    { rows: [ANN], rejected: [] },
  ],
  [
    'Bitrix24, Russian',
    'ID;Имя;Фамилия;Компания;Рабочий e-mail;Рабочий телефон\n1;Ann;Roe;Roe Inc;ann@x.example;555\n',
    { rows: [ANN] },
  ],
];
