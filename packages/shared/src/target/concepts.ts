/**
 * Common kinds of columns, and how exports of common programs name them: in English, German, French, Spanish, Italian,
 * Portuguese and Dutch, and the plainest names in other languages. Plain data, compared by `foldName`. The first
 * names of a concept are preferred.
 *
 * Sources: the exports of Google Contacts, Outlook, Thunderbird, HubSpot, Salesforce, Zoho, Mailchimp, Shopify,
 * WooCommerce, Magento, Stripe, PayPal, Pipedrive, QuickBooks, Xero, DATEV, LinkedIn, Zendesk, Klaviyo, Brevo, Calendly,
 * Odoo, Gravity Forms, LimeSurvey, Chargebee, MYOB, Fatture in Cloud, Exact Online, Moloni, folk, Moneybird, Bitrix24,
 * Eight and Logo.
 */

export const CONCEPT_NAMES = {
  name: [
    'name, full name, complete name, display name, contact name, contact person, cntct prsn, person name, your name',
    'vollständiger name, voller name, ansprechpartner, kontaktname, kundenname',
    'nom complet, nom et prénom, prénom et nom, nom, nom du contact',
    'nombre completo, nombre y apellidos, nombre',
    'nome completo, nome e cognome, nominativo, nome',
    'volledige naam, naam, contactpersoon',
    'vor- und nachname, vorname und nachname, vorname nachname, name vorname, nachname vorname, anzeigename',
    'nom prénom, prénom nom, apellidos y nombre, nombre apellidos, cognome e nome, cognome nome, naam en voornaam',
    'imię i nazwisko, jméno a příjmení, namn, navn, nimi, ad soyad, teljes név, nume complet, имя, фио, 氏名, 名前, お名前, 姓名, 이름',
    'persona de contacto, personne de contact, kontaktperson, yhteyshenkilö, osoba kontaktowa, kontaktní osoba, kontaktná osoba',
    'persoana de contact, persoană de contact, nombre contacto, nombre de contacto, kapcsolattartó, yetkili kişi, ilgili kişi',
    'контактное лицо, контактна особа, имя и фамилия, полное имя, піб, повне ім’я, име, име и фамилия',
    'ονοματεπώνυμο, όνομα, שם, שם מלא, איש קשר, الاسم, الاسم الكامل, اسم العميل, جهة الاتصال, ime i prezime, ime in priimek',
    'nume și prenume, nume prenume, nume, ad ve soyad, adı soyadı, ime, họ và tên, họ tên, nama, nama lengkap, ชื่อ นามสกุล',
    '联系人, 联系人姓名, 担当者名, 担当者氏名, ご担当者名, 고객명, 성명, 담당자명, ім’я',
  ],
  firstName: [
    'first name, given name, forename, fname, first, name first',
    'vorname, vornamen, prénom, prénoms, nombre de pila, primer nombre, nome proprio, primeiro nome, nome próprio, voornaam, roepnaam',
    'vorname adressattyp natürl person, imię, jméno, förnamn, fornavn, etunimi, keresztnév, prenume, 名',
    'ad, adı, שם פרטי, الاسم الأول, prvé meno, křestní jméno, meno, nama depan, tên',
    'vorname adressattyp natürliche person',
  ],
  middleName: [
    'middle name, middle names, additional name, second name, middle initial, name middle',
    'weitere vornamen, zweiter vorname, deuxième prénom, segundo nombre, secondo nome, nome do meio, tussenvoegsel',
    'middelste naam, segundo nome',
    'drugie imię, mellannamn, mellemnavn, mellomnavn, отчество, второе имя, по батькові, prostřední jméno',
  ],
  lastName: [
    'last name, surname, family name, lname, last, name last, co last name',
    'nachname, familienname, zuname, nom de famille, apellidos, apellido, primer apellido, apellido paterno',
    'cognome, sobrenome, apelido, apelidos, achternaam, familienaam',
    'primeiro sobrenome, name adressattyp natürl person',
    'nazwisko, příjmení, efternamn, etternavn, efternavn, sukunimi, soyad, vezetéknév, фамилия, 姓',
    'soyadı, επώνυμο, επίθετο, שם משפחה, اسم العائلة, اللقب, الكنية, прізвище, фамилно име, priezvisko, prezime, priimek, nama belakang, 성',
  ],
  secondLastName: [
    'second last name, segundo apellido, apellido materno, segundo sobrenome, secondo cognome',
  ],
  email: [
    'email, email address, mail, mail address, email id, email value',
    'e-mail-adresse, mailadresse, mail-adresse, adresse mail, adresse e-mail, adresse électronique, courriel',
    'correo electrónico, correo, dirección de correo, dirección de correo electrónico, dirección de email',
    'posta elettronica, indirizzo email, indirizzo e-mail, indirizzo di posta elettronica',
    'endereço de email, endereço de e-mail, correio eletrónico, correio eletrônico, endereço de correio eletrónico',
    'endereço de correio electrónico, endereço de correio eletrônico, correio electrónico',
    'e-mailadres, mailadres, emailadres',
    'adresse de messagerie, indirizzo posta elettronica, e-mail cím, adres e-mail, e-postadress, e-post, e-postadresse',
    'sähköposti, e-posta, эл. почта, электронная почта, メールアドレス, 电子邮件, 邮箱, 電子郵件, 이메일',
    'emails, email addresses, correos electrónicos, e-mailadressen',
    'адрес электронной почты, электронный адрес, адрес эл. почты, имейл, електронна пошта, ел. пошта, ηλεκτρονική διεύθυνση, διεύθυνση email',
    'דוא״ל, אימייל, מייל, כתובת אימייל, כתובת דוא״ל, דואר אלקטרוני, البريد الإلكتروني, البريد الالكتروني, بريد إلكتروني, عنوان البريد الإلكتروني, الإيميل',
    'e-posta adresi, adresă de email, adresă email, adresă de e-mail, emailová adresa, e-mailová adresa, e-pošta, sähköpostiosoite, surel, alamat email, địa chỉ email, อีเมล',
    '电子邮箱, 邮箱地址, 电子邮件地址, 邮件地址, メール, eメール, 担当者メールアドレス, 電子メール, 이메일 주소, 메일, 전자우편',
  ],
  phone: [
    'phone, phone number, phone no, phone numbers, telephone, telephone number, tel, phone value',
    'haupttelefon, telefon, telefonnummer, telefon-nr, tel-nr, rufnummer',
    'téléphone, numéro de téléphone, téléphone fixe, n° de téléphone',
    'teléfono, número de teléfono, teléfono fijo, telefono, numero di telefono, telefono fisso',
    'telefone, número de telefone, telefoon, telefoonnummer',
    'tél, n° tél, nr telefonu, numer telefonu, telefonní číslo, telefonszám, puhelin, телефон, 電話番号, 电话, 電話, 전화번호',
    'phones, telephones, telefone, telefoons, tfno, tlf, tlf nr, numéro téléphone',
    'номер телефона, контактный телефон, номер телефону, τηλέφωνο, σταθερό τηλέφωνο, τηλ, טלפון, מספר טלפון, الهاتف, هاتف, رقم الهاتف, تلفون, telefon numarası, tel no',
    'broj telefona, telefonska številka, telefónne číslo, puhelinnumero, điện thoại, số điện thoại, telepon, nomor telepon, โทรศัพท์, เบอร์โทรศัพท์',
    '电话号码, 联系电话, 固定电话, 办公电话, 座机, tel会社, tel直通, tel部門, 会社電話番号, 代表電話, 전화, 연락처',
  ],
  mobile: [
    'mobile, mobile phone, mobile number, mobile phone number, cell, cell phone, cellphone number, sms, whatsapp, sms number',
    'mobil, mobiltelefon, mobilnummer, handy, handynummer, mobiltelefonnummer',
    'portable, téléphone portable, téléphone mobile, mobile personnel',
    'móvil, teléfono móvil, celular, teléfono celular, cellulare, telefono cellulare, numero di cellulare',
    'telemóvel, telefone celular, mobiel, mobiele telefoon, mobiel nummer',
    'tél mobile, tél portable, mobil tel nr, mobil telefon, n° de mobile, numéro de portable, numéro de mobile',
    'komórka, telefon komórkowy, мобильный, 携帯電話, 手机, 手機',
    'gsm, gsm nummer, kännykkä, matkapuhelin, mobilní telefon, mobilný telefón, mobilni telefon, telefon mobil, mobiltelefonszám, cep telefonu, cep tel',
    'мобильный телефон, сотовый телефон, сотовый, мобільний телефон, κινητό, κινητό τηλέφωνο, נייד, טלפון נייד, جوال, الجوال, رقم الجوال, موبايل, di động, no hp, มือถือ',
    '手机号, 手机号码, 移动电话, 携帯, 携帯番号, 携帯電話番号, 휴대폰, 휴대전화, 핸드폰, 휴대폰번호, 휴대전화번호, 핸드폰번호',
  ],
  company: [
    'company, company name, companies, organization, organisation, organization name, organisation name, org, employer',
    'account name, business name, customer company, customer full name',
    'firma, firmenname, unternehmen, unternehmensname, gesellschaft, arbeitgeber',
    'société, entreprise, raison sociale, nom de la société, nom de l’entreprise, nom entreprise, organisme',
    'empresa, nombre de la empresa, compañía, razón social, organización',
    'azienda, ditta, società, ragione sociale, nome azienda, organizzazione',
    'nome da empresa, razão social, organização, companhia',
    'bedrijf, bedrijfsnaam, onderneming, organisatie, firmanaam',
    'company account, company or organization, organization or company, name adressattyp unternehmen',
    'nazwa firmy, przedsiębiorstwo, společnost, företag, företagsnamn, virksomhed, bedrift, yritys, şirket, cég, cégnév, компания, организация',
    '会社名, 会社, 公司, 公司名称, 公司名稱, 회사',
    'company names, organizations, organisations, donating company',
    'nombre comercial, nombre fiscal, denominación social, nome fantasia, denominação social, handelsnaam, bedrijven, entreprises, firmen, firmenbezeichnung',
    'firma adı, firma ünvanı, şirket adı, kurum adı, denumire firmă, nume firmă, companie, název firmy, název společnosti, názov firmy, spoločnosť, cég neve',
    'название компании, название организации, наименование организации, юридическое лицо, компанія, організація, фирма, επωνυμία, επωνυμία εταιρείας, εταιρεία, εταιρία',
    'חברה, שם חברה, שם החברה, ארגון, الشركة, شركة, اسم الشركة, المؤسسة, tvrtka, podjetje, công ty, tên công ty, perusahaan, nama perusahaan, บริษัท, selskap, bolag, bedriftsnavn',
    '公司名, 单位名称, 企业名称, 工作单位, 企業名, 法人名, 貴社名, 御社名, 会社, 회사명, 회사 이름, 소속',
  ],
  street: [
    'street, street address, address, address 1, address line 1, street 1',
    'straße, strasse, straße und hausnummer, adresse, anschrift, rue, adresse postale',
    'calle, dirección, via, indirizzo, rua, morada, endereço, straat, adres',
  ],
  city: [
    'city, town, locality, stadt, ort, wohnort, ville, commune, ciudad, localidad, poblacion, città, comune',
    'cidade, localidade, stad, plaats, woonplaats',
    'gemeente, miasto, miejscowość, město, obec, város, localitate, oraș, şehir, город, місто, πόλη, עיר, المدينة, 城市, 市区町村, 도시',
  ],
  postalCode: [
    'postal code, postcode, zip, zip code, zip postal code, plz, postleitzahl, code postal, cp',
    'código postal, codice postale, cap, cep',
  ],
  region: [
    'state, region, state region, state province, province, bundesland, région, estado, provincia, comunidad autónoma',
    'regione, província, provincie',
  ],
  country: ['country, country region, land, staat, land region, pays, país, paese, nazione, nação'],
  birthday: [
    'date of birth, birth date, birthdate, birthday, dob, geburtsdatum, geburtstag, date de naissance',
    'fecha de nacimiento, data di nascita, data de nascimento, geboortedatum',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Concept = keyof typeof CONCEPT_NAMES;

/** Concepts for which several fields may be used; the first with a value counts. */
export const ONE_OF_SEVERAL: readonly Concept[] = ['email', 'phone', 'mobile', 'company'];

/** Concepts that may have such words around their names. */
export const OF_KINDS: readonly Concept[] = [
  'email',
  'phone',
  'mobile',
  'street',
  'city',
  'postalCode',
  'region',
  'country',
];
