/**
 * Exports in the layouts of the programs that write them, with invented people: the loaded rows, or the
 * options that load the file.
 */
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { exportLoader, type Outcome } from './support/exportOutcome.js';

const outcomeOf = exportLoader();

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const ansi = (text: string) => iconv.encode(text, 'windows-1252');

const EXPORTS: [name: string, file: string | Uint8Array, outcome: Outcome][] = [
  [
    'SAP: a list with bars and dashes',
    ansi(
      '14.03.2024            Dynamische Listenausgabe        1\r\n' +
        '------------------------------------------------------\r\n\r\nKundenliste\r\n\r\n' +
        '------------------------------------------------------\r\n' +
        '|Debitor |Name 1       |Firma       |E-Mail-Adresse  |\r\n' +
        '------------------------------------------------------\r\n' +
        '|4711    |Jürgen Größe |Müller GmbH |jg@x.example    |\r\n' +
        '|4712    |Änne Bauer   |Bauer KG    |ab@x.example    |\r\n' +
        '------------------------------------------------------\r\n',
    ),
    {
      rows: ['Jürgen Größe · jg@x.example · – · Müller GmbH', 'Änne Bauer · ab@x.example · – · Bauer KG'],
      rejected: [],
    },
  ],
  [
    'sqlcmd: dashes under the header, NULL, a count',
    'CustomerName|Company|Email|Phone\r\n------------|-------|-----|-----\r\n' +
      'Ann Roe|Roe Inc|ann@x.example|555\r\nBob Poe|Poe Inc|bob@x.example|NULL\r\n\r\n(2 rows affected)\r\n',
    {
      rows: ['Ann Roe · ann@x.example · 555 · Roe Inc', 'Bob Poe · bob@x.example · – · Poe Inc'],
      rejected: [],
      notices: [
        'skipped 1 line of dashes under the header',
        'skipped 1 line after the records: "(2 rows affected)"; to read them as records, add --footer 0',
        'phone: NULL read as no value (1 row)',
      ],
    },
  ],
  [
    'psql',
    '  name   | company |     email     | phone \n---------+---------+---------------+-------\n' +
      ' Ann Roe | Roe Inc | ann@x.example | 555\n(1 row)\n',
    { rows: ['Ann Roe · ann@x.example · 555 · Roe Inc'], rejected: [] },
  ],
  [
    'MySQL: \\N',
    'id\tname\temail\tcompany\tphone\n1\tAnn Roe\tann@x.example\tRoe Inc\t\\N\n2\tNull\tn@x.example\t\\N\t\n',
    {
      rows: ['Ann Roe · ann@x.example · – · Roe Inc'],
      rejected: ['company is required'],
    },
  ],
  [
    'phpMyAdmin: quotes with a backslash',
    '"id";"name";"email";"company"\n"1";"Bob \\"Bobby\\" Poe";"bob@x.example";"Poe Inc"\n',
    {
      rows: [],
      rejected: [
        "text after the closing quote of a field; double the quotes inside a quoted field, or read \\ as the escape character with --escape '\\'",
      ],
    },
  ],
  [
    'Google Ads: title and totals',
    'Lead form report\n"January 1, 2024 - January 31, 2024"\nLead ID,Full name,Email,Company name,Clicks\n' +
      '1,Ann Roe,ann@x.example,Roe Inc,1\nTotal: Filtered leads, --, --, --,1\nTotal: Account, --, --, --,"1,003"\n',
    { rows: ['Ann Roe · ann@x.example · – · Roe Inc'], rejected: [] },
  ],
  [
    'Facebook leads: UTF-16, tabs, labels before values',
    utf16(
      'id\tplatform\tfull_name\temail\tphone_number\tcompany_name\nl:1\tfb\tJosé Ñu\tjose@x.example\tp:+15550101\tÑu SL\n',
    ),
    {
      rows: ['José Ñu · jose@x.example · +15550101 · Ñu SL'],
      rejected: [],
    },
  ],
  [
    'Notion: links behind values',
    '\ufeffName,Company,Email,Phone\nAnn Roe,Roe Inc (https://www.notion.so/Roe-Inc-abc123?pvs=21),ann@x.example,(555) (1)\n',
    {
      rows: ['Ann Roe · ann@x.example · (555) (1) · Roe Inc'],
      notices: ['company: a link to Notion behind a value left out (1 row)'],
    },
  ],
  [
    'Shopify orders: Name is a number',
    'Name,Email,Lineitem name,Billing Name,Billing Company,Shipping Name,Billing Phone\n#1001,ann@x.example,Cup,Ann Roe,Roe Inc,A R,555\n',
    { rows: ['Ann Roe · ann@x.example · 555 · Roe Inc'] },
  ],
  [
    'WooCommerce orders',
    'Order Number,Customer Note,First Name (Billing),Last Name (Billing),Company (Billing),Email (Billing),Phone (Billing),First Name (Shipping)\r\n1,,Ann,Roe,Roe Inc,ann@x.example,555,Bob\r\n',
    { rows: ['Ann Roe · ann@x.example · 555 · Roe Inc'] },
  ],
  [
    'Magento customers',
    'email,firstname,lastname,middlename,_address_company,_address_telephone\nann@x.example,Ann,Roe,,Roe Inc,555\n',
    { rows: ['Ann Roe · ann@x.example · 555 · Roe Inc'] },
  ],
  [
    'Outlook, French',
    ansi(
      '"Prénom","Deuxième prénom","Nom","Société","Téléphone (bureau)","Tél. mobile","Adresse de messagerie","Type de messagerie"\r\n"Zoë","","Béart","Œuvre SA","","06 08","zoe@x.example","SMTP"\r\n',
    ),
    { rows: ['Zoë Béart · zoe@x.example · 06 08 · Œuvre SA'], rejected: [] },
  ],
  [
    'Outlook, Spanish',
    'Nombre,Segundo nombre,Apellidos,Organización,Teléfono del trabajo,Dirección de correo electrónico\nJosé,María,Nuñez,Peña SL,91 1,jose@x.example\n',
    { rows: ['José María Nuñez · jose@x.example · 91 1 · Peña SL'] },
  ],
  [
    'Thunderbird, German',
    'Vorname,Nachname,Anzeigename,Primäre E-Mail-Adresse,Telefon dienstlich,Mobil-Tel.-Nr.,Organisation\nJürgen,Größe,Jürgen Größe,jg@x.example,,0170,Müller GmbH\n',
    { rows: ['Jürgen Größe · jg@x.example · 0170 · Müller GmbH'] },
  ],
  [
    'Excel, Polish',
    iconv.encode(
      'Imię;Nazwisko;Firma;E-mail;Telefon\r\nŁukasz;Żółć;Świat Sp. z o.o.;lukasz@x.example;22 1\r\nGrażyna;Kowalska;Źródło SA;g@x.example;\r\n',
      'windows-1250',
    ),
    {
      rows: [
        'Łukasz Żółć · lukasz@x.example · 22 1 · Świat Sp. z o.o.',
        'Grażyna Kowalska · g@x.example · – · Źródło SA',
      ],
    },
  ],
  [
    'Salesforce leads',
    '"First Name","Last Name","Company / Account","Phone","Email","Lead Source"\n"Dana","Whit","Halvorsen","","dana@x.example","Web"\n',
    { rows: ['Dana Whit · dana@x.example · – · Halvorsen'] },
  ],
  [
    'two fields with the same name: the first with a value',
    'Name,Email,Company,Email\nAnn,,A,ann@x.example\nBob,bob@x.example,B,other@x.example\n',
    {
      rows: ['Ann · ann@x.example · – · A', 'Bob · bob@x.example · – · B'],
      notices: ['email: from Email | Email'],
    },
  ],
  [
    'a name that may be a full or a last name',
    'Name,First Name,Email,Company\nRoe,Ann,ann@x.example,A\n',
    {
      rows: ['Roe · ann@x.example · – · A'],
      notices: ["name: Name is the whole name; if it is the last name, add --map 'name=First Name + Name'"],
    },
  ],
  [
    'two names: one by its number',
    'name,name,email,company\nAnn,Roe,ann@x.example,A\n',
    { options: ['--map', 'name=#1'] },
  ],
  [
    'eBay: a count behind the orders',
    '\n"Order Number","Buyer Name","Buyer Email","Ship To Phone","Buyer Company"\n"","","","",""\n"01-1","Ann Roe","ann@x.example","555","Roe Inc"\n\n"1","record(s) downloaded"\n"Seller ID : cups"\n',
    { rows: ['Ann Roe · ann@x.example · 555 · Roe Inc'], rejected: [] },
  ],
  [
    'Calendly: a value that is the name of a column',
    'User Name,User Email,Invitee Name,Invitee Email,Question 1,Response 1\nMe,me@h.example,Ann Roe,ann@x.example,Company,Roe Inc\n',
    { options: ['--default', 'company=Unknown'] },
  ],
  [
    'Close: the lead is the company',
    'lead_id,lead_name,contact_name,contact_primary_phone,contact_primary_email\nl1,Roe Inc,Ann Roe,+1 555,ann@x.example\n',
    { options: ['--map', 'company=lead_name'] },
  ],
  [
    'SurveyMonkey: a row of questions above the names',
    'Respondent ID,Date Created,Email Address,Please enter your details,,\n,,,Name,Company,Email Address\n1,01/01/2024,,Ann Roe,Roe Inc,ann@x.example\n',
    { options: ['--skip-lines', '1'] },
  ],
  [
    'a form with questions as names',
    '#,"First, what\'s your name?","Hi {{field}}, what is your e-mail?",Which company do you work for?\na,Ann,ann@x.example,Roe Inc\n',
    {
      options: [
        ...['--map', "name=First, what's your name?", '--map', 'email=Hi {{field}}, what is your e-mail?'],
        ...['--map', 'company=Which company do you work for?'],
      ],
    },
  ],
];

/** Small files, each of a kind that was once misread. */
const INPUTS: [name: string, file: string | Uint8Array, outcome: Outcome][] = [
  [
    'a delimiter in a value, with an empty last field',
    'name,email,company,phone\nAnn,ann@x.example,Acme, Inc.,\n',
    { rows: [], rejected: [expect.stringContaining('5 fields where the header has 4')] },
  ],
  [
    'an empty field after all records',
    'name,email,company\nAnn,ann@x.example,Acme,\nBob,bob@x.example,B,\n',
    { rows: ['Ann · ann@x.example · – · Acme', 'Bob · bob@x.example · – · B'], rejected: [] },
  ],
  [
    'blanks above the header',
    '   \nname;email;company\nAnn;ann@x.example;Acme\n',
    { rows: ['Ann · ann@x.example · – · Acme'], rejected: [] },
  ],
  [
    'a column without a name',
    'name,email,company,\nAnn,ann@x.example,Acme,100\n',
    { rows: ['Ann · ann@x.example · – · Acme'], notices: ['ignored column 4: it has no name'] },
  ],
  [
    'a value cut by a line feed in a CRLF file',
    'name,email,company\r\nBo,bo@x.example,B\r\nAnn\nLee,ann@x.example,Acme\r\n',
    { rows: ['Bo · bo@x.example · – · B'], rejected: [expect.anything(), expect.anything()] },
  ],
  [
    'UTF-8 with one record in Latin-1',
    Buffer.concat([
      Buffer.from('name,email,company\nZoë,z@x.example,A\n'),
      Buffer.from('José,j@x.example,B\n', 'latin1'),
      Buffer.from('Łukasz,l@x.example,C\n'),
    ]),
    {
      rows: ['Zoë · z@x.example · – · A', 'Łukasz · l@x.example · – · C'],
      rejected: [expect.stringContaining('UTF-8')],
    },
  ],
  [
    'Cyrillic without a named encoding',
    iconv.encode(
      'name,email,company\nИван Петров,i@x.example,Ромашка\nАнна Смирнова,a@x.example,Берёзка\n',
      'windows-1251',
    ),
    {
      rows: ['Иван Петров · i@x.example · – · Ромашка', 'Анна Смирнова · a@x.example · – · Берёзка'],
      notices: [expect.stringMatching(/^encoding assumed: windows-1251: "Иван"/)],
    },
  ],
  [
    'a header without a required column, above a non-ASCII letter',
    'First Name,Last Name,Email\nZoë,X,z@x.example\n',
    { options: ['--default', 'company=Unknown'] },
  ],
  [
    'a record without its optional end',
    'name,email,company,phone\nG,g@x.example,N\n',
    { rows: ['G · g@x.example · – · N'], rejected: [] },
  ],
  [
    'gzip with a comment of 200 KB and 2,000 empty members',
    Buffer.concat([
      gzipWithComment('x'.repeat(200_000)),
      ...Array.from({ length: 2_000 }, () => gzipSync('')),
      gzipSync('name,email,company\nG,g@x.example,N\n'),
    ]),
    { rows: ['G · g@x.example · – · N'], rejected: [] },
  ],
];

/** An empty member with a comment (RFC 1952, section 2.3.1.5). */
function gzipWithComment(comment: string): Buffer {
  const plain = gzipSync('');
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 0x10;
  return Buffer.concat([head, Buffer.from(`${comment}\0`), plain.subarray(10)]);
}

test.each([...EXPORTS, ...INPUTS])('%s', async (_, file, { notices, ...outcome }) => {
  const found = await outcomeOf(typeof file === 'string' ? Buffer.from(file) : file);
  expect(found).toMatchObject(outcome);
  if (notices) expect(found.notices).toEqual(expect.arrayContaining(notices));
});
