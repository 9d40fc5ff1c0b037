/**
 * `kubernetes-schemas.mjs FOLDER k8s.io/kubernetes@vX.Y.Z`: the OpenAPI document in the Go module of Kubernetes as JSON schemas for
 * kubeconform, one file a kind, in FOLDER. As strict as the API server is with `fieldValidation=Strict`: a field that it does not
 * know is an error. Run by programs.mjs; dependency-free, runs on Node 20.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, pin] = process.argv.slice(2);
const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', pin], { encoding: 'utf8' }));
const { definitions } = JSON.parse(readFileSync(join(Dir, 'api', 'openapi-spec', 'swagger.json'), 'utf8'));

/** What the document says of these is less than what the API server takes. */
const TAKEN = {
  'resource.Quantity': { type: ['string', 'number'] },
  'intstr.IntOrString': { type: ['string', 'integer'] },
  'v1.JSON': {},
  'v1.JSONSchemaPropsOrArray': {},
  'v1.JSONSchemaPropsOrBool': {},
  'v1.JSONSchemaPropsOrStringArray': {},
  'runtime.RawExtension': {},
};

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

function strict(node) {
  if (node.$ref) return { $ref: `_definitions.json#/definitions/${node.$ref.slice('#/definitions/'.length)}` };
  const { type, required, pattern } = node;
  const values = node.enum;
  const open = node['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...(type && { type }),
    ...(required && { required }),
    ...(pattern && { pattern }),
    ...(values && { enum: values }),
    ...(node.items && { items: strict(node.items) }),
    ...(node.allOf && { allOf: node.allOf.map(strict) }),
    ...(node.properties && { properties: mapped(node.properties, strict), additionalProperties: open }),
    ...(node.additionalProperties && { additionalProperties: strict(node.additionalProperties) }),
  };
}

const schemas = Object.fromEntries(
  Object.entries(definitions).map(([name, node]) => {
    const taken = Object.keys(TAKEN).find((end) => name.endsWith(`.${end}`));
    return [name, taken ? TAKEN[taken] : strict(node)];
  }),
);

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, '_definitions.json'), JSON.stringify({ definitions: schemas }));
let kinds = 0;
for (const [name, node] of Object.entries(definitions)) {
  const [own, ...others] = node['x-kubernetes-group-version-kind'] ?? [];
  // Options of deletions and watch events belong to every group, and are no manifests.
  if (!own || others.length > 0) continue;
  const { group, version, kind } = own;
  const schema = {
    ...schemas[name],
    required: [...new Set([...(node.required ?? []), 'apiVersion', 'kind'])],
    properties: {
      ...schemas[name].properties,
      apiVersion: { enum: [group === '' ? version : `${group}/${version}`] },
      kind: { enum: [kind] },
    },
  };
  const suffix = group === '' ? version : `${group.split('.')[0]}-${version}`;
  writeFileSync(join(folder, `${kind}-${suffix}.json`.toLowerCase()), JSON.stringify(schema));
  kinds += 1;
}
if (kinds === 0) throw new Error(`${pin} holds no kinds`);
console.log(`${kinds} kinds of ${pin}`);
