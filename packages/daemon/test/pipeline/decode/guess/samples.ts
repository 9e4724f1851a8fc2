/** Customers as written in many countries, by language: three rows each, and the parts for more rows. */

/** Given names, family names and places; their first three make the sample of three rows. */
interface Names {
  given: string;
  family: string;
  places: string;
  /** No space between family name and given name, in this order. */
  joined?: true;
}

export const NAMES: Record<string, Names> = {
  german: {
    given: 'Jürgen Günther Käthe Björn Anna Sören Ulrike Jörg Bärbel',
    family: 'Größe Müller Schäfer Weiß Krämer Böhm Schröder Jäger Vogel',
    places: 'Köln München Nürnberg Düsseldorf Gießen Würzburg Lübeck',
  },
  french: {
    given: 'Hélène François Zoé Loïc Amélie Benoît Gaël Jérôme Noël',
    family: 'Lefèvre Gérard Bénard Château Périer Besançon Forêt Bréton',
    places: 'Orléans Nîmes Besançon Béziers Alençon Sète Châlons',
  },
  spanish: {
    given: 'José María Ángel Begoña Íñigo Lucía Iván Sofía',
    family: 'Núñez Muñoz García Peña Fernández Hernández Ordóñez Ibáñez',
    places: 'Málaga Cádiz Logroño Ávila Córdoba León Jaén',
  },
  polish: {
    given: 'Małgorzata Stanisław Łukasz Paweł Jędrzej Bożena Świętosława',
    family: 'Wiśniewski Dąbrowska Wójcik Kowalczyk Zieliński Woźniak Śliwa',
    places: 'Łódź Kraków Gdańsk Wrocław Poznań Rzeszów Częstochowa',
  },
  czech: {
    given: 'Jiří Tomáš Ondřej Kateřina Lukáš Zdeněk Anežka',
    family: 'Dvořák Černý Procházka Růžička Němec Kučera Šťastná',
    places: 'Plzeň Děčín Třebíč Přerov Ústí Mělník Žďár',
  },
  turkish: {
    given: 'Ayşe Çağlar İsmail Gülşen Şükrü Oğuz Işıl',
    family: 'Yılmaz Öztürk Şahin Çelik Yıldız Aydın Doğan',
    places: 'İstanbul Diyarbakır Muğla Balıkesir Eskişehir Şanlıurfa Iğdır',
  },
  russian: {
    given: 'Иван Анна Ольга Дмитрий Сергей Наталья Алексей',
    family: 'Петров Смирнова Кузнецов Иванова Попов Соколова Лебедев',
    places: 'Москва Казань Самара Воронеж Екатеринбург Пермь Омск',
  },
  greek: {
    given: 'Γιώργος Μαρία Νίκος Ελένη Δημήτρης Κατερίνα Κώστας',
    family: 'Παπαδόπουλος Νικολάου Βασιλείου Γεωργίου Οικονόμου Δημητρίου',
    places: 'Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Βόλος',
  },
  chinese: {
    given: '伟 秀英 建国 敏 丽娟 志强 晓明',
    family: '王 李 张 刘 陈 杨 赵',
    places: '北京 上海 深圳 广州 成都 杭州 武汉',
    joined: true,
  },
  taiwanese: {
    given: '大文 美玲 志明 淑芬 俊傑 雅婷 建宏',
    family: '陳 林 黃 張 李 王 吳',
    places: '台北 高雄 臺中 新竹 台南 桃園 基隆',
    joined: true,
  },
  korean: {
    given: '철수 영희 민수 지은 서연 현우 은주',
    family: '김 이 박 최 정 강 조',
    places: '서울 부산 대구 인천 광주 대전 울산',
    joined: true,
  },
  japanese: {
    given: '太郎 花子 健一 美咲 翔太 さくら 大輔',
    family: '山田 鈴木 佐藤 田中 渡辺 高橋 小林',
    places: '東京 大阪 名古屋 横浜 札幌 福岡 京都',
    joined: true,
  },
};

/** A CSV file of customers, header in ASCII. */
export function customersIn(language: string, rows: number): string {
  const { given, family, places, joined } = NAMES[language]!;
  const pick = (words: string, at: number) => words.split(' ')[at % words.split(' ').length]!;
  const lines = Array.from({ length: rows }, (_, at) => {
    // Different steps, so that further rows are new combinations.
    const [first, last, place] = [pick(given, at), pick(family, at + Math.floor(at / 7)), pick(places, at)];
    const name = joined ? last + first : `${first} ${last}`;
    return `${name},u${at}@x.example,${place} ${at}\n`;
  });
  return `name,email,company\n${lines.join('')}`;
}
