// What V8 has compiled of the programs that tests start (bundleDaemon.mjs), kept in a file beside them: to compile them is a third
// of what the start of a daemon costs, and the tests start hundreds. Node 22 has this as module.enableCompileCache.
const { readFileSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const { deserialize, serialize } = require('node:v8');
const { Script } = require('node:vm');

/**
 * What is required from here on is compiled by what `file` has of it. With `make` nothing is read: the function that is returned
 * writes it, with the functions that were called until then.
 */
exports.useCodeCache = function useCodeCache(file, make = false) {
  const kept = make ? new Map() : read(file);
  const compiled = [];
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, format) {
    const { mtimeMs } = statSync(filename);
    const known = kept.get(filename);
    // V8 itself compares no more than the length of a text.
    const cachedData = known?.mtimeMs === mtimeMs ? known.data : undefined;
    if (!cachedData && !make) return compile.call(this, content, filename, format);
    const script = new Script(Module.wrap(content.replace(/^#!/, '//')), {
      filename,
      ...(cachedData && { cachedData }),
    });
    compiled.push({ filename, mtimeMs, script });
    const run = script.runInThisContext();
    return run.call(
      this.exports,
      this.exports,
      Module.createRequire(filename),
      this,
      filename,
      dirname(filename),
    );
  };
  return () => {
    const all = compiled.map(({ filename, mtimeMs, script }) => {
      return [filename, { mtimeMs, data: script.createCachedData() }];
    });
    writeFileSync(file, serialize(new Map(all)));
  };
};

/** For `import()` in what was compiled before, which Node has no loader for. */
exports.importByNode = (address) => import(address);

/** Nothing where there is none: the programs only start later. */
function read(file) {
  try {
    return deserialize(readFileSync(file));
  } catch {
    return new Map();
  }
}
