import assert from 'node:assert/strict';
import { test } from 'node:test';
import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { CONTROLLERS } from '../app.module.js';
import { componentOf } from './component.js';
import { openApiDocument } from './open-api-document.js';
import { operationsOf } from './operation.js';

type Tree = { [key: string]: Tree };
const document = openApiDocument(CONTROLLERS, 'm');
const tree = document as unknown as Tree;

/** Every value under the key, anywhere in the document. */
function* valuesUnder(key: string, node: unknown): Generator<unknown> {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (name === key) yield value;
    yield* valuesUnder(key, value);
  }
}

function resolve(pointer: string): unknown {
  return pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<Tree | undefined>((node, part) => node?.[part], tree);
}

test('every reference of the document leads somewhere', () => {
  const refs = [...valuesUnder('$ref', document)] as string[];
  assert.ok(refs.length > 10);
  for (const ref of refs) assert.ok(ref.startsWith('#/') && resolve(ref) !== undefined, ref);
  assert.equal(JSON.stringify(document).includes('$schema'), false);
});

test('operations have ids of their own, security schemes that exist, and parameters for their paths', () => {
  const ids = [...valuesUnder('operationId', document)];
  assert.equal(new Set(ids).size, ids.length);
  const schemes = Object.keys(document.components.securitySchemes!);
  for (const requirement of document.security) assert.ok(schemes.includes(Object.keys(requirement)[0]!));
  for (const [path, operations] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(operations)) {
      const { parameters } = operation as { parameters: { name: string; in: string }[] };
      const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(declared, inPath, path);
    }
  }
});

test('a body is described by the schema that checks it, with a line for every field and an example that passes', () => {
  const bodies = operationsOf(CONTROLLERS).filter(({ body }) => body !== undefined);
  assert.ok(bodies.length >= 2);
  for (const { body, description, path } of bodies) {
    const component = document.components.schemas![`${description.name}Request`] as Tree;
    assert.deepEqual(Object.keys(component.properties!), Object.keys(body!.shape), path);
    for (const [name, property] of Object.entries(component.properties!))
      assert.ok(property.description, `${path}: ${name} has no line in field-notes.ts`);
    const example = description.example?.('m');
    assert.deepEqual(body!.safeParse(example).error, undefined, path);
  }
});

test('fields that clients may leave out are not required, and what they may send is not closed', () => {
  const component = document.components.schemas!.ChatCompletionRequest as unknown as {
    required: string[];
    additionalProperties?: unknown;
  };
  assert.deepEqual(component.required, ['model', 'messages']);
  assert.equal(component.additionalProperties, undefined);
});

test('a schema that refers to itself keeps its references within its component', () => {
  const node = z.object({
    get children() {
      return z.array(node);
    },
  });
  const component = componentOf('Tree', z.object({ root: node, other: node }), 'input');
  const refs = [...valuesUnder('$ref', component)] as string[];
  assert.ok(refs.length >= 3);
  for (const ref of refs) assert.match(ref, /^#\/components\/schemas\/Tree\/\$defs\//);
});

test('a route without a description is named', () => {
  @Controller('nowhere')
  class NowhereController {
    @Get()
    get() {
      return {};
    }
  }
  assert.throws(() => operationsOf([NowhereController]), /NowhereController\.get is not described/);
});
