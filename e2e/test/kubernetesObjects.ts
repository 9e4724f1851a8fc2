/** Kubernetes objects as its API server reads them: by its schema, and without unknown fields. */
import { join } from 'node:path';
import ts from 'typescript';

/** The common part of all objects; `spec` and `data` depend on the kind. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what `objectFaults` looks at.
  [field: string]: any;
}

const repository = join(import.meta.dirname, '../..');

/**
 * The errors of each object, in order; empty if all are valid. Uses the package kubernetes-models, generated from the OpenAPI
 * description of Kubernetes: its validators report missing fields and wrong types, its types (through the compiler) unknown
 * fields.
 * @throws if a kind is not one of Kubernetes itself
 */
export async function objectFaults(objects: readonly KubernetesObject[]): Promise<string[]> {
  return [...(await schemaFaults(objects)), ...fieldFaults(objects)];
}

async function schemaFaults(objects: readonly KubernetesObject[]): Promise<string[]> {
  const faults: string[] = [];
  for (const object of objects) {
    const models = (await import(moduleOf(object))) as Record<
      string,
      new (
        data: object,
      ) => { validate(): void }
    >;
    const Model = models[object.kind];
    if (!Model) throw new Error(`${object.apiVersion} has no kind ${object.kind}`);
    try {
      new Model(object).validate();
    } catch (error) {
      faults.push(`${object.kind} ${object.metadata.name}: ${(error as Error).message}`);
    }
  }
  return faults;
}

/** An object literal may have no property that its type lacks: the compiler names it. */
function fieldFaults(objects: readonly KubernetesObject[]): string[] {
  const text = objects
    .map(
      (object, n) =>
        `import type { I${object.kind} as T${n} } from '${moduleOf(object)}'; ` +
        `export const o${n}: T${n} = ${JSON.stringify(object)};\n`,
    )
    .join('');
  const name = join(repository, 'e2e/test/kubernetes-objects.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, text, rest[0]) : getSourceFile.call(host, file, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** `v1` and `apps/v1` are folders of the package; groups with a dot are too. */
function moduleOf({ apiVersion }: KubernetesObject): string {
  return `kubernetes-models/${apiVersion}`;
}
