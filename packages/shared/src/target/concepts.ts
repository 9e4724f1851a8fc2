/**
 * What columns usually are, and how exports of the common programs name them: in English, German, French, Spanish, Italian,
 * Portuguese and Dutch. Plain data, compared as `foldName` compares; the first names of a concept are preferred.
 *
 * Sources: the exports of Google Contacts, Outlook, HubSpot, Salesforce, Mailchimp, Shopify, Stripe, Pipedrive, QuickBooks,
 * LinkedIn, Zendesk, Klaviyo, Brevo and Odoo.
 */

export const CONCEPT_NAMES = {
  name: [
    'name, full name, complete name, display name, contact name, person name, your name',
    'vollständiger name, voller name, ansprechpartner, kontaktname, kundenname',
    'nom complet, nom et prénom, prénom et nom, nom, nom du contact',
    'nombre completo, nombre y apellidos, nombre',
    'nome completo, nome e cognome, nominativo, nome',
    'volledige naam, naam, contactpersoon',
  ],
  firstName: [
    'first name, given name, forename, fname, first',
    'vorname, vornamen, prénom, prénoms, nombre de pila, primer nombre, nome proprio, primeiro nome, nome próprio, voornaam, roepnaam',
  ],
  middleName: [
    'middle name, middle names, additional name, second name, middle initial',
    'weitere vornamen, zweiter vorname, deuxième prénom, segundo nombre, secondo nome, nome do meio, tussenvoegsel',
  ],
  lastName: [
    'last name, surname, family name, lname, last',
    'nachname, familienname, zuname, nom de famille, apellidos, apellido, primer apellido, apellido paterno',
    'cognome, sobrenome, apelido, apelidos, achternaam, familienaam',
  ],
  email: [
    'email, email address, mail, mail address, email id, email value',
    'e-mail-adresse, mailadresse, mail-adresse, adresse mail, adresse e-mail, adresse électronique, courriel',
    'correo electrónico, correo, dirección de correo, dirección de correo electrónico, dirección de email',
    'posta elettronica, indirizzo email, indirizzo e-mail, indirizzo di posta elettronica',
    'endereço de email, endereço de e-mail, correio eletrónico, correio eletrônico',
    'e-mailadres, mailadres, emailadres',
  ],
  phone: [
    'phone, phone number, phone no, phone numbers, telephone, telephone number, tel, phone value',
    'haupttelefon, telefon, telefonnummer, telefon-nr, tel-nr, rufnummer',
    'téléphone, numéro de téléphone, téléphone fixe, n° de téléphone',
    'teléfono, número de teléfono, teléfono fijo, telefono, numero di telefono, telefono fisso',
    'telefone, número de telefone, telefoon, telefoonnummer',
  ],
  mobile: [
    'mobile, mobile phone, mobile number, mobile phone number, cell, cell phone, cellphone number, sms, whatsapp',
    'mobil, mobiltelefon, mobilnummer, handy, handynummer, mobiltelefonnummer',
    'portable, téléphone portable, téléphone mobile, mobile personnel',
    'móvil, teléfono móvil, celular, teléfono celular, cellulare, telefono cellulare, numero di cellulare',
    'telemóvel, telefone celular, mobiel, mobiele telefoon, mobiel nummer',
  ],
  company: [
    'company, company name, organization, organisation, organization name, organisation name, org, employer',
    'account name, business name, customer company, customer full name',
    'firma, firmenname, unternehmen, unternehmensname, gesellschaft, arbeitgeber',
    'société, entreprise, raison sociale, nom de la société, nom de l’entreprise, nom entreprise, organisme',
    'empresa, nombre de la empresa, compañía, razón social, organización',
    'azienda, ditta, società, ragione sociale, nome azienda, organizzazione',
    'nome da empresa, razão social, organização, companhia',
    'bedrijf, bedrijfsnaam, onderneming, organisatie, firmanaam',
  ],
  street: [
    'street, street address, address, address 1, address line 1, street 1',
    'straße, strasse, straße und hausnummer, adresse, anschrift, rue, adresse postale',
    'calle, dirección, via, indirizzo, rua, morada, endereço, straat, adres',
  ],
  city: [
    'city, town, locality, stadt, ort, wohnort, ville, commune, ciudad, localidad, poblacion, città, comune',
    'cidade, localidade, stad, plaats, woonplaats',
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

/** Of several fields with such values the first that has one counts. */
export const ONE_OF_SEVERAL: readonly Concept[] = ['email', 'phone', 'mobile', 'company'];

/** Words around a name that say whose a value is: they stand before it, or behind it. */
export const OWNERS: readonly string[] = [
  'person',
  'contact',
  'customer',
  'client',
  'lead',
  'subscriber',
  'member',
  'metadata',
  'default address',
  'associated',
  'related',
  'kontakt',
  'kunden',
];

/** Words that say which of several values it is, with the place where it comes among them: the usual one first. */
export const KINDS: Readonly<Record<string, number>> = {
  primary: 1,
  main: 1,
  default: 1,
  business: 2,
  work: 2,
  office: 2,
  billing: 2,
  mailing: 2,
  geschäftlich: 2,
  professionnel: 2,
  trabajo: 2,
  lavoro: 2,
  trabalho: 2,
  zakelijk: 2,
  werk: 2,
  mobile: 3,
  home: 4,
  personal: 4,
  private: 4,
  privat: 4,
  personnel: 4,
  privé: 4,
  casa: 4,
  shipping: 5,
  other: 6,
  weiteres: 6,
};

/** What such words may stand around. */
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

/**
 * Names that mean the whole name alone, and a part of it beside the other part: `Name` beside `Vorname`, `Nombre` beside
 * `Apellidos`. The part that they are then, and the names of the other part.
 */
export const HALF_NAMES: readonly {
  name: string;
  is: 'firstName' | 'lastName';
  beside: readonly string[];
}[] = [
  { name: 'name', is: 'lastName', beside: ['vorname', 'vornamen'] },
  { name: 'name', is: 'firstName', beside: ['surname', 'last name', 'family name', 'nachname'] },
  { name: 'nom', is: 'lastName', beside: ['prenom', 'prenoms'] },
  { name: 'naam', is: 'lastName', beside: ['voornaam', 'roepnaam'] },
  {
    name: 'nombre',
    is: 'firstName',
    beside: ['apellidos', 'apellido', 'primer apellido', 'apellido paterno'],
  },
  { name: 'nome', is: 'firstName', beside: ['cognome', 'sobrenome', 'apelido', 'apelidos'] },
];
