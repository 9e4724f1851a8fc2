/** Names of fields whose meaning depends on the other fields, or that a person must decide. Compared by `foldName`. */

/**
 * Names that mean the whole name on their own, but a part of it beside the other part: `Name` beside `Vorname`,
 * `Nombre` beside `Apellidos`. Each entry has the part that they then mean, and the names of the other part.
 */
export const HALF_NAMES: readonly {
  name: string;
  is: 'firstName' | 'lastName';
  beside: readonly string[];
}[] = [
  { name: 'name', is: 'lastName', beside: ['vorname', 'vornamen', 'prénom', 'prénoms', 'voornaam'] },
  { name: 'name', is: 'firstName', beside: ['surname', 'last name', 'family name', 'nachname'] },
  { name: 'nom', is: 'lastName', beside: ['prenom', 'prenoms'] },
  { name: 'naam', is: 'lastName', beside: ['voornaam', 'roepnaam'] },
  {
    name: 'nombre',
    is: 'firstName',
    beside: ['apellidos', 'apellido', 'primer apellido', 'apellido paterno'],
  },
  {
    name: 'nome',
    is: 'firstName',
    beside: ['cognome', 'sobrenome', 'primeiro sobrenome', 'apelido', 'apelidos'],
  },
  { name: 'navn', is: 'firstName', beside: ['efternavn', 'etternavn'] },
  { name: 'namn', is: 'firstName', beside: ['efternamn'] },
  { name: 'nimi', is: 'firstName', beside: ['sukunimi'] },
  { name: 'nume', is: 'lastName', beside: ['prenume'] },
  { name: 'имя', is: 'firstName', beside: ['фамилия'] },
  { name: 'ім’я', is: 'firstName', beside: ['прізвище'] },
  { name: 'име', is: 'firstName', beside: ['фамилия', 'фамилно име'] },
  { name: 'ime', is: 'firstName', beside: ['prezime', 'priimek'] },
  { name: 'όνομα', is: 'firstName', beside: ['επώνυμο', 'επίθετο'] },
  { name: 'שם', is: 'firstName', beside: ['שם משפחה'] },
  { name: 'الاسم', is: 'firstName', beside: ['اسم العائلة', 'اللقب', 'الكنية'] },
  { name: '이름', is: 'firstName', beside: ['성'] },
  { name: '名前', is: 'firstName', beside: ['姓'] },
];

/**
 * Names that mean something else beside another field: in Shopify's exports the `Name` of an order is its number, and
 * each line has a `Lineitem name`. `Card Name` is a company in SAP Business One, and the name on a card in Stripe.
 */
export const NO_NAMES: readonly { name: string; beside: string }[] = [
  { name: 'name', beside: 'lineitem name' },
  { name: 'card name', beside: 'card brand' },
  { name: 'card name', beside: 'card last4' },
];

/**
 * Names that may be a company or something else: csvjobs asks a person. `Account` is a number in many files, and
 * `lead_name` is the company only if a contact has its own name.
 */
export const DOUBTFUL_COMPANIES: readonly string[] = [
  'co last name',
  'account',
  'lead name',
  'client',
  'client name',
  'customer',
  'customer name',
  'contact name',
  'display name',
  'card name',
  'bp name',
  'parent id',
  'parent name',
  'brand',
  'shop',
  'store',
  'kunde',
  'mandant',
  'cliente',
  'klant',
  'denominazione',
  'denominación',
  'denominação',
  'fantasia',
  'intitulé',
  'nom du client',
  'nom client',
  'nombre cliente',
  'nome cliente',
  'klantnaam',
  'kundenavn',
  'kundnamn',
  'nazwa',
  'nazwa kontrahenta',
  'kontrahent',
  'název',
  'názov',
  'název klienta',
  'denumire',
  'denumire client',
  'müşteri',
  'müşteri adı',
  'cari ünvanı',
  'ünvan',
  'ünvanı',
  'megnevezés',
  'partner neve',
  'partner',
  'naziv',
  'наименование',
  'название',
  'клиент',
  'контрагент',
  'найменування',
  'πελάτης',
  'לקוח',
  'שם לקוח',
  'العميل',
  '客户名称',
  '客户',
  '取引先名',
  '取引先',
  '顧客名',
  '得意先名',
  '거래처명',
  '거래처',
  '고객사',
];

/** Names of fields that may contain an e-mail, or something else: csvjobs asks a person. */
export const DOUBTFUL_EMAILS: readonly string[] = [
  'subscriber',
  'recipient',
  'user',
  'username',
  'login',
  'internet address',
];

/** Names that are a company if its contact person has a separate field: see CONTACT_PERSONS. */
export const PLAIN_NAMES: readonly string[] = [
  'name',
  'nom',
  'nombre',
  'nome',
  'naam',
  'navn',
  'namn',
  'nimi',
];

/**
 * Names of the contact person at a company, in files where `Name` may be the company (Navision, Business Central, SAP
 * Business One): csvjobs asks a person there too.
 */
export const CONTACT_PERSONS: readonly string[] = [
  'contact',
  'contact name',
  'contact person',
  'primary contact',
  'kontakt',
  'kontaktperson',
  'ansprechpartner',
  'personne de contact',
  'interlocuteur',
  'persona de contacto',
  'contacto',
  'persona di riferimento',
  'referente',
  'contatto',
  'pessoa de contacto',
  'pessoa de contato',
  'nome do contacto',
  'nome do contato',
  'contacto nome',
  'contato',
  'contactpersoon',
  'ter attentie van',
  'attention',
  'attn',
  'att',
  'zu händen',
  'er referens',
  'deres referanse',
  'deres reference',
  'nombre contacto',
  'nombre de contacto',
  'osoba kontaktowa',
  'kontaktní osoba',
  'kontaktná osoba',
  'yhteyshenkilö',
  'kapcsolattartó',
  'persoana de contact',
  'persoană de contact',
  'yetkili',
  'yetkili kişi',
  'ilgili kişi',
  'контактное лицо',
  'контактна особа',
  'контакт',
  'υπεύθυνος επικοινωνίας',
  'איש קשר',
  'جهة الاتصال',
  '联系人',
  '联系人姓名',
  '担当者',
  '担当者名',
  '担当者氏名',
  'ご担当者名',
  '담당자',
  '담당자명',
];
