/** Small exports of programs in many languages, and of those whose fields have several people's values. */
import iconv from 'iconv-lite';
import { expect } from 'vitest';
import type { ExportKind } from './exportKinds.js';

const ANN = 'Ann Roe · ann@x.example · 555 · Roe Inc';
const NO_COMPANY = ['--default', 'company=Unknown'];

export const WORLD_EXPORTS: ExportKind[] = [
  [
    'Eventbrite: attendees beside their buyers',
    'Order ID,Attendee first name,Attendee Surname,Attendee email,Phone number,Buyer first name,Buyer last name,Buyer email,Company\n1,Ann,Roe,ann@x.example,555,Bo,Poe,bo@x.example,Roe Inc\n',
    {
      rows: [ANN],
      notices: ['name: from Attendee first name + Attendee Surname', 'email: from Attendee email'],
    },
  ],
  [
    'an attendee without an address: the one of the buyer is not used',
    'Name,Email,Company,Buyer name,Buyer email\nAnn Roe,,Roe Inc,Bo Poe,bo@x.example\n',
    { rows: [], rejected: ['email is required'] },
  ],
  [
    'a name and an address of one person, whoever comes first',
    'Buyer name,Attendee email,Attendee name,Company\nBo Poe,ann@x.example,Ann Roe,Roe Inc\n',
    { rows: ['Ann Roe · ann@x.example · – · Roe Inc'] },
  ],
  [
    'Bexio: Name 1 is a company or a last name',
    '"Nr.";"Kontaktart";"Name 1";"Name 2";"E-Mail";"Telefon";"Geburtsdatum"\n"1";"Privatperson";"Roe";"Ann";"ann@x.example";"555";""\n',
    { options: ['--map', 'name=Name 2 + Name 1', '--map', 'company=Name 1'] },
  ],
  [
    'SAP: the table of customers, in its own names',
    'MANDT\tKUNNR\tNAME1\tNAME2\tTELF1\tSMTP_ADDR\n100\t10001\tRoe Inc\tSales\t030 5550101\tann@x.example\n',
    {
      options: [
        ...['--map', 'name=NAME1 + NAME2', '--map', 'email=SMTP_ADDR', '--map', 'company=NAME1'],
        ...['--map', 'phone=TELF1'],
      ],
    },
  ],
  [
    'MYOB: the fields of the first address',
    '{}\nCo./Last Name,First Name,Card ID,Addr 1 - Line 1,           - Phone # 1,           - Email,           - Contact Name,Addr 2 - Line 1,           - Phone # 1,           - Email,           - Contact Name\nRoe,Ann,C1,1 Way,555,ann@x.example,,,,,\n',
    { options: ['--map', 'name=First Name + Co./Last Name', '--map', 'company=Co./Last Name'] },
  ],
  [
    'Yahoo: phones with names like Work',
    '"First","Last","Email","Home","Work","Pager","Fax","Mobile","Company"\n"Ann","Roe","ann@x.example","","555","","9","","Roe Inc"\n',
    { rows: [ANN], notices: ['phone: from Mobile | Work | Home'] },
  ],
  [
    'a single such word is no phone',
    'Name,Email,Company,Home,Fax\nAnn Roe,ann@x.example,Roe Inc,yes,9\n',
    { rows: ['Ann Roe · ann@x.example · – · Roe Inc'] },
  ],
  [
    'folk: names in the plural',
    'First name,Last name,Full name,Emails,Phones,Companies\nAnn,Roe,Ann Roe,ann@x.example,555,Roe Inc\n',
    { rows: [ANN] },
  ],
  [
    'DATEV: an empty contact person beside the parts of a name',
    'Konto;Name (Adressattyp Unternehmen);Name (Adressattyp natürl. Person);Vorname (Adressattyp natürl. Person);Telefon;E-Mail;Ansprechpartner\n1;Roe Inc;Roe;Ann;555;ann@x.example;\n',
    { rows: [ANN] },
  ],
  [
    'Xero: the contact is the company, the person has both names',
    '*ContactName,EmailAddress,FirstName,LastName,PhoneNumber\nRoe Inc,ann@x.example,Ann,Roe,555\n',
    { options: ['--map', 'company=*ContactName'] },
  ],
  [
    'Tripletex: the number of a company is not its name',
    'Kundenr.;Kundenavn;Org.nr.;E-post;Telefonnummer;Kontaktperson\n1;Roe AS;999999999;ann@x.example;555;Ann Roe\n',
    { options: ['--map', 'company=Kundenavn'] },
  ],
  [
    'Exact Online: the full name of the contact person',
    'Code;Naam;Telefoon;E-mail;Contactpersoon: Volledige naam\n1;Roe BV;555;ann@x.example;Ann Roe\n',
    { options: ['--map', 'name=Contactpersoon: Volledige naam', '--map', 'company=Naam'] },
  ],
  [
    'MemberPress: a phone that only its values show',
    'ID,email,first_name,last_name,zip,mepr_phone,mepr_fax,mepr_company\n1,ann@x.example,Ann,Roe,90001,555 0101,555 0109,Roe Inc\n',
    { options: ['--map', 'company=mepr_company', '--map', 'phone=mepr_phone'] },
  ],
  [
    'a phone that a date is not',
    'Name,Email,Phone verified on\nAnn Roe,ann@x.example,2026-01-05\n',
    { options: NO_COMPANY },
  ],
  [
    'addresses under a name of no known language',
    'Izena;Helbidea;Telefonoa\nAnn Roe;ann@x.example;+34 943 555 010\n',
    {
      options: [
        ...['--default', 'name=Unknown', '--map', 'email=Helbidea', '--default', 'company=Unknown'],
        ...['--map', 'phone=Telefonoa'],
      ],
    },
  ],
  [
    'Outlook, Swedish: work is behind the name, and a fax is no phone',
    '"Förnamn","Efternamn","Företag","Fax, arbete","Telefon, arbete","Telefon, bostad","Mobiltelefon","E-postadress"\n"Ann","Roe","Roe Inc","9","555","","","ann@x.example"\n',
    { rows: [ANN] },
  ],
  [
    'Outlook, Polish',
    iconv.encode(
      '"Imię","Drugie imię","Nazwisko","Firma","Faks służbowy","Telefon służbowy","Telefon komórkowy","Adres e-mail"\r\n"Łucja","","Żak","Świat SA","9","22 1","","l@x.example"\r\n"Gośka","","Wójcik","Źródło SA","","","601 1","g@x.example"\r\n',
      'windows-1250',
    ),
    { rows: ['Łucja Żak · l@x.example · 22 1 · Świat SA', 'Gośka Wójcik · g@x.example · 601 1 · Źródło SA'] },
  ],
  [
    'Teamleader, Dutch in Belgium',
    'Voornaam,Achternaam,Bedrijf,E-mail,Telefoon,GSM\nAnn,Roe,Roe Inc,ann@x.example,,555\n',
    { rows: [ANN] },
  ],
  [
    '1C, Russian',
    'Код;Наименование;Контактное лицо;Телефон;Адрес электронной почты\n1;ООО Берёзка;Анна Смирнова;8 495 1;anna@x.example\n',
    { options: ['--map', 'company=Наименование'] },
  ],
  [
    'Bitrix24, Russian: Имя beside Фамилия is the first name',
    'ID;Имя;Отчество;Фамилия;Компания;Рабочий телефон;Рабочий e-mail\n1;Иван;Петрович;Сидоров;Ромашка;8 495 1;ivan@x.example\n',
    { rows: ['Иван Петрович Сидоров · ivan@x.example · 8 495 1 · Ромашка'] },
  ],
  [
    'Eight, Japanese',
    iconv.encode(
      '会社名,役職,氏名,e-mail,TEL会社,Fax,携帯電話\r\n株式会社さくら,部長,山田太郎,taro@x.example,03-1,03-9,\r\n',
      'shift_jis',
    ),
    { rows: ['山田太郎 · taro@x.example · 03-1 · 株式会社さくら'] },
  ],
  [
    'Money Forward, Japanese',
    '取引先名,担当者氏名,担当者メールアドレス,電話番号\n株式会社さくら,山田太郎,taro@x.example,03-1\n',
    { options: ['--map', 'company=取引先名'] },
  ],
  [
    'a Chinese list of customers',
    '客户名称,联系人,手机号码,办公电话,电子邮箱\n向日葵公司,张伟,138,010-1,w@x.example\n',
    { options: ['--map', 'company=客户名称'] },
  ],
  [
    'a Korean list of customers',
    '고객명,회사명,이메일,휴대폰,전화번호\n김민준,해바라기,m@x.example,010-1,\n',
    { rows: ['김민준 · m@x.example · 010-1 · 해바라기'] },
  ],
  [
    'Logo, Turkish',
    'Adı;Soyadı;Firma Ünvanı;E-posta;Telefon;Cep Telefonu\nÇağrı;Şahin;Güneş;c@x.example;;0532\n',
    { rows: ['Çağrı Şahin · c@x.example · 0532 · Güneş'] },
  ],
  [
    'Hebrew',
    '\ufeffשם פרטי,שם משפחה,חברה,"דוא""ל",טלפון\nנועה,לוי,לוי,noa@x.example,03-1\n',
    { rows: ['נועה לוי · noa@x.example · 03-1 · לוי'] },
  ],
  [
    'Arabic',
    'الاسم;الشركة;البريد الإلكتروني;الهاتف\nليلى;الأرز;l@x.example;1\n',
    { rows: ['ليلى · l@x.example · 1 · الأرز'] },
  ],
  [
    'Greek',
    'Επωνυμία;Όνομα;Επώνυμο;Email;Τηλέφωνο\nΉλιος;Γιώργος;Παππάς;g@x.example;210\n',
    { rows: ['Γιώργος Παππάς · g@x.example · 210 · Ήλιος'] },
  ],
  [
    'SmartBill, Romanian',
    'Denumire;CIF;Persoana de contact;Email;Telefon\nFloarea;RO1;Ștefan Țurcanu;s@x.example;021\n',
    { options: ['--map', 'company=Denumire'] },
  ],
  [
    'Donorbox: whose name it is, with an apostrophe',
    "Donating Company,Donor's First Name,Donor's Last Name,Donor Email,Phone\nRoe Inc,Ann,Roe,ann@x.example,555\n",
    { rows: [ANN] },
  ],
  [
    'Microsoft Forms: an anonymous answer beside the fields of the same names',
    'ID,Completion time,Email,Name,Your name,Your company,Your e-mail address\n1,1/5/26,anonymous,,Ann Roe,Roe Inc,ann@x.example\n2,1/5/26,anonymous,,Bo Poe,Poe Inc,bo@x.example\n',
    {
      options: ['--map', 'name=Your name', '--map', 'email=Your e-mail address'],
      why: expect.stringMatching(/^No record has a usable name or email where the header names it/),
    },
  ],
  [
    'Lotus Notes: names of its own directory instead of addresses',
    'FirstName,LastName,CompanyName,MailAddress,InternetAddress\nAnn,Roe,Roe Inc,Ann Roe/FFM/Roe,ann@x.example\n',
    { options: ['--map', 'email=InternetAddress'] },
  ],
  [
    'WordPress: some have no billing address, all have one of their own',
    'ID,user_email,display_name,billing_company,billing_email\n1,ann@x.example,Ann Roe,Roe Inc,ann@y.example\n2,bo@x.example,Bo Poe,Poe Inc,\n',
    {
      rows: ['Ann Roe · ann@y.example · – · Roe Inc'],
      rejected: ['email is required'],
      notices: [
        "1 record without email has a value in user_email; to use it, add --map 'email=user_email | billing_email'",
      ],
    },
  ],
  [
    'SugarCRM: a phone that is called Home',
    'Name,Email Address,Account Name,Office Phone,Home\nAnn Roe,ann@x.example,Roe Inc,,555 0101\nBo Poe,bo@x.example,Poe Inc,,yes\n',
    {
      rows: ['Ann Roe · ann@x.example · – · Roe Inc', 'Bo Poe · bo@x.example · – · Poe Inc'],
      notices: [
        "1 record without phone has a value in Home; to use it, add --map 'phone=Office Phone | Home'",
      ],
    },
  ],
  [
    'the address of an owner is not the one of a record',
    'Name,Email,Company,Contact owner email\nAnn Roe,,Roe Inc,me@x.example\n',
    { rows: [], rejected: ['email is required'] },
  ],
  [
    'Bling, Portuguese: CEP is a postal code, not the Turkish word for a mobile phone',
    'ID;Nome;Empresa;CEP;Cidade;Celular;E-mail\n1;Ann Roe;Roe Inc;01000-000;São Paulo;;ann@x.example\n',
    { rows: ['Ann Roe · ann@x.example · – · Roe Inc'] },
  ],
];
