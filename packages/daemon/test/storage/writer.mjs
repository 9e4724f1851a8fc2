/**
 * A process that takes bytes into a store, to be killed: it says `written` once the store has asked for more than these. Its
 * argument is a WriterTask as JSON.
 */
const { store: where, id, how, from, bytes } = JSON.parse(process.argv[2]);
const dist = (path) => import(new URL(`../../dist/storage/${path}`, import.meta.url).href);

async function openStore() {
  if (where.kind === 'folder') return (await dist('folder/folderStore.js')).openFolderStore(where.folder);
  return (await dist('s3/s3Store.js')).openS3Store(where.options);
}

async function* endless() {
  for (let given = 0; given < bytes; given += 65_536) yield Buffer.alloc(65_536, 'abcdefgh');
  process.stdout.write('written\n');
  // Until it is killed.
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

const store = await openStore();
if (how === 'receive') await store.receive(id, endless(), { maxBytes: 10e9 });
else await store.pieces.append(id, from, endless(), { maxBytes: 10e9 });
