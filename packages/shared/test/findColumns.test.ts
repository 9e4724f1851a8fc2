import { findColumns, findConcepts, noNames } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';

const CUSTOMER = ['name', 'email', 'phone', 'company'];

/** The field names found for each column. */
function found(header: string, columns = CUSTOMER, matched: Record<string, number> = {}) {
  const cells = header.split(',');
  const open = columns.map((name) => ({ name, position: matched[name], settled: false, known: [] }));
  return Object.fromEntries(
    findColumns(cells, open, new Set(Object.values(matched))).map(({ column, positions, join }) => [
      column,
      positions.map((position) => cells[position]).join(join === 'blank' ? ' + ' : ' | '),
    ]),
  );
}

describe('columns without a field of the same name', () => {
  it.each([
    ['First Name,Last Name,E-mail Address', { name: 'First Name + Last Name', email: 'E-mail Address' }],
    ['Last Name,First Name,Middle Name', { name: 'First Name + Middle Name + Last Name' }],
    ['FIRSTNAME,LASTNAME,SMS', { name: 'FIRSTNAME + LASTNAME', phone: 'SMS' }],
    [
      'Vorname,Nachname,E-Mail-Adresse,Handynummer,Firma',
      { name: 'Vorname + Nachname', email: 'E-Mail-Adresse', phone: 'Handynummer', company: 'Firma' },
    ],
    [
      'Prénom,Nom de famille,Courriel,Téléphone,Société',
      { name: 'Prénom + Nom de famille', email: 'Courriel', phone: 'Téléphone', company: 'Société' },
    ],
    [
      'prenom,nom,adresse e-mail,portable,raison sociale',
      { name: 'prenom + nom', email: 'adresse e-mail', phone: 'portable', company: 'raison sociale' },
    ],
    [
      'Nombre,Apellidos,Correo electrónico,Teléfono móvil,Empresa',
      {
        name: 'Nombre + Apellidos',
        email: 'Correo electrónico',
        phone: 'Teléfono móvil',
        company: 'Empresa',
      },
    ],
    [
      'Nome,Cognome,Posta elettronica,Cellulare,Ragione sociale',
      { name: 'Nome + Cognome', email: 'Posta elettronica', phone: 'Cellulare', company: 'Ragione sociale' },
    ],
    [
      'Nome completo,Endereço de e-mail,Telemóvel,Razão social',
      { name: 'Nome completo', email: 'Endereço de e-mail', phone: 'Telemóvel', company: 'Razão social' },
    ],
    [
      'Voornaam,Tussenvoegsel,Achternaam,E-mailadres,Telefoonnummer,Bedrijfsnaam',
      {
        name: 'Voornaam + Tussenvoegsel + Achternaam',
        email: 'E-mailadres',
        phone: 'Telefoonnummer',
        company: 'Bedrijfsnaam',
      },
    ],
    [
      'Person - Name,Person - Organization,Person - First name,Person - Last name,Person - Email - Home,Person - Email - Work',
      {
        name: 'Person - Name',
        company: 'Person - Organization',
        email: 'Person - Email - Work | Person - Email - Home',
      },
    ],
    [
      'E-mail 1 - Label,E-mail 2 - Value,E-mail 1 - Value,Organization 1 - Name,Organization 1 - Title',
      { email: 'E-mail 1 - Value | E-mail 2 - Value', company: 'Organization 1 - Name' },
    ],
    ['company (metadata)', { company: 'company (metadata)' }],
    [
      'Default Address Company,Default Address Phone',
      { company: 'Default Address Company', phone: 'Default Address Phone' },
    ],
    ['Associated Company,Primary Associated Company ID', { company: 'Associated Company' }],
    ['Related Company/Name,Complete Name', { company: 'Related Company/Name', name: 'Complete Name' }],
    [
      'Mobile Phone,Home Phone,Business Phone,Primary Phone',
      { phone: 'Primary Phone | Business Phone | Mobile Phone | Home Phone' },
    ],
    ['Full name,Customer full name', { name: 'Full name', company: 'Customer full name' }],
    ['Customer full name', { name: 'Customer full name' }],
    [
      'Name (First),Name (Last),Email (email)',
      { name: 'Name (First) + Name (Last)', email: 'Email (email)' },
    ],
    ['id. Response ID,name. What is your name?', { name: 'name. What is your name?' }],
    [
      'users.id,users.first_name,users.last_name,users.email',
      { name: 'users.first_name + users.last_name', email: 'users.email' },
    ],
    ['Recipient Name,Customer Name', { name: 'Customer Name' }],
  ])('%s', (header, columns) => expect(found(header)).toEqual(columns));

  it.each([
    'First Name',
    'Contact owner,Customer ID,Lead Source,Nickname,Job Title,User Name,File Name',
    "Fax,Assistant's Phone,Car Phone,E-mail Type,E-mail Display Name,Accepts SMS Marketing",
    'Business Name Prefix,Home Company Number,Phonetic First Name,Phonetic Last Name',
    '1,2,3,###',
    // Too few fields to share a word, a shared word that is itself a column, and a name without the word.
    'users.name,users.email',
    'plan,users.name,users.email,users.phone',
    'Mobile Provider,Mobile Email Type,Mobile Fax',
    'Name (Company)',
  ])('%s match no column', (header) => expect(found(header)).toEqual({}));
});

it.each([
  ['Name,Surname', 'Name + Surname'],
  ['Nachname,Name', 'Name + Nachname'],
  ['Name,Vornamen', 'Vornamen + Name'],
  ['Nom,Prénoms', 'Prénoms + Nom'],
  ['Nome,Apelidos', 'Nome + Apelidos'],
  ['Nombre,Apellido paterno', 'Nombre + Apellido paterno'],
])('%s: a name in two parts', (header, name) => {
  const at = header.split(',').indexOf('Name');
  expect(found(header, CUSTOMER, at === -1 ? {} : { name: at })).toEqual({ name });
});

it('Name next to Vorname is part of the name; next to both parts it is the whole name', () => {
  expect(found('Name,Vorname', CUSTOMER, { name: 0 })).toEqual({ name: 'Vorname + Name' });
  expect(found('Name,Vorname,Nachname', CUSTOMER, { name: 0 })).toEqual({});
  expect(found('Name,First name', CUSTOMER, { name: 0 })).toEqual({});
  expect(found('Vorname,Name', ['first_name', 'name'], { name: 1 })).toEqual({ first_name: 'Vorname' });
});

it('a part of a name fills its own column if the table has columns for both', () => {
  const both = ['first_name', 'last_name'];
  expect(found('Vorname,Name', both)).toEqual({ first_name: 'Vorname', last_name: 'Name' });
  expect(found('Nombre,Apellidos', both)).toEqual({ first_name: 'Nombre', last_name: 'Apellidos' });
  expect(found('Vorname,Nachname,Name', both)).toEqual({ first_name: 'Vorname', last_name: 'Nachname' });
});

it.each([
  ['Nombre,Apellido paterno,Apellido materno', { name: 'Nombre + Apellido paterno + Apellido materno' }],
  ['Billing Company,Shipping Company', { company: 'Billing Company | Shipping Company' }],
  ['buyerEmail,Email2', { email: 'buyerEmail | Email2' }],
  [
    'Your phone (optional),Firma / Organisation',
    { phone: 'Your phone (optional)', company: 'Firma / Organisation' },
  ],
  ['Company Contact,Email or Phone', {}],
])('%s: words around names', (header, columns) => expect(found(header)).toEqual(columns));

it.each([
  [
    'the second contact first',
    'Company,Contact 2 Name,Contact 2 Email,Contact 2 Phone,Contact 1 Name,Contact 1 Email',
    { company: 'Company', name: 'Contact 1 Name', email: 'Contact 1 Email' },
  ],
  [
    'a second address of one person',
    'Name,Contact Email,Contact Email 2,Contact Phone 1',
    { name: 'Name', email: 'Contact Email | Contact Email 2', phone: 'Contact Phone 1' },
  ],
  [
    "an attendee's name beside a buyer's address",
    'Attendee First Name,Attendee Last Name,Buyer Email,Company',
    { email: 'Buyer Email', company: 'Company' },
  ],
])('the columns take the values of one person: %s', (_, header, columns) => {
  expect(found(header)).toEqual(columns);
});

it('an order name next to line item names is not a name', () => {
  expect(noNames(['Name', 'Email', 'Lineitem name'])).toEqual([0]);
  expect(noNames(['Name', 'Email'])).toEqual([]);
});

it('the better match comes first, followed by alternatives', () => {
  expect(found('phone,Mobile,city,Town', ['phone', 'city'], { phone: 0, city: 2 })).toEqual({
    phone: 'phone | Mobile',
  });
  expect(found('phone,Mobile', ['phone', 'mobile'], { phone: 0 })).toEqual({ mobile: 'Mobile' });
});

it('a concept that fits two columns goes to neither', () => {
  expect(found('Postleitzahl,Ort', ['zip', 'postal_code', 'city'])).toEqual({ city: 'Ort' });
  expect(found('Firma,Telefon', ['id', 'amount'])).toEqual({});
});

it('a hostile name is parsed quickly', () => {
  const name = 'person work home contact '.repeat(5_000);
  expect(findConcepts(name)).toEqual([]);
  expect(findConcepts('work '.repeat(30))).toEqual([]);
});
