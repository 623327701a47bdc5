// Holds answers against GitHub's OpenAPI description and texts against its GraphQL schema.
// Both are read from node_modules each time: nothing of them is kept here.
import fs from "node:fs";
import { buildSchema, parse, validate, isScalarType, isEnumType, isUnionType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import Ajv from "ajv";
import addFormats from "ajv-formats";

// Not every package exports the file we want, so it is read where npm put it.
const installed = (file) => fs.readFileSync(new URL(`node_modules/${file}`, import.meta.url), "utf8");

/** OpenAPI 3.0 says `nullable`; JSON Schema says so with a type. */
function toJsonSchema(node) {
  if (Array.isArray(node)) return node.map(toJsonSchema);
  if (node === null || typeof node !== "object") return node;
  const out = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "nullable" || key === "example" || key === "examples" || key === "discriminator" || key === "xml") continue;
    if (key.startsWith("x-")) continue;
    if (key === "properties") {
      out.properties = Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, toJsonSchema(schema)]));
      continue;
    }
    if (key === "enum" || key === "default" || key === "required") {
      out[key] = value;
      continue;
    }
    out[key] = toJsonSchema(value);
  }
  if (node.nullable) {
    if (out.enum && !out.enum.includes(null)) out.enum = [...out.enum, null];
    return { anyOf: [{ type: "null" }, out] };
  }
  return out;
}

export class Contract {
  constructor() {
    const api = JSON.parse(installed("@octokit/openapi/generated/api.github.com.json"));
    this.responses = api.components.responses;
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats(this.ajv);
    this.ajv.addFormat("int64", true).addFormat("timestamp", true).addFormat("repo.nwo", true);
    this.ajv.addSchema({ $id: "api", components: { schemas: toJsonSchema(api.components.schemas) } });
    this.compiled = new Map();
    this.paths = Object.entries(api.paths).map(([template, operations]) => ({
      template,
      operations,
      parts: template.split("/"),
      holes: (template.match(/\{/g) || []).length,
    }));
  }

  /** The operation a request is an instance of; literal parts win over holes. */
  operation(method, path) {
    const parts = path.replace(/^\/api\/v3/, "").replace(/^\/repositories\/\d+/, "/repos/o/r").split("/");
    const fits = this.paths
      .filter((at) => at.parts.length === parts.length && at.operations[method.toLowerCase()])
      .filter((at) => at.parts.every((part, index) => part.startsWith("{") || part === parts[index]))
      .sort((left, right) => left.holes - right.holes);
    return fits[0] && { template: fits[0].template, ...fits[0].operations[method.toLowerCase()] };
  }

  validator(schema) {
    const text = JSON.stringify(schema);
    if (!this.compiled.has(text)) {
      const local = JSON.parse(text.replaceAll('"#/components/', '"api#/components/'));
      this.compiled.set(text, this.ajv.compile(toJsonSchema(local)));
    }
    return this.compiled.get(text);
  }

  /** What is wrong with an answer; an empty list when nothing is. */
  check(method, path, status, body) {
    const operation = this.operation(method, path);
    if (!operation) return [`no operation for ${method} ${path}`];
    // Answers to credentials, limits and failures are described once for all operations, in prose.
    if ([401, 403, 429].includes(status) || status >= 500 || status === 304 || status === 307) return [];
    let response = operation.responses[String(status)];
    if (!response) return [`${method} ${operation.template} does not document ${status}`];
    if (response.$ref) response = this.responses[response.$ref.split("/").pop()];
    const schema = response.content?.["application/json"]?.schema;
    if (!schema) return body ? [`${method} ${operation.template} ${status} should have no body`] : [];
    if (body === undefined || body === "") return [`${method} ${operation.template} ${status} has no body`];
    const validator = this.validator(schema);
    if (validator(body)) return [];
    return validator.errors
      .filter((error) => error.keyword !== "anyOf" || validator.errors.length < 3)
      .slice(0, 6)
      .map((error) => `${method} ${operation.template} ${status}: ${error.instancePath} ${error.message}`);
  }
}

export function githubSchema() {
  return buildSchema(installed("@octokit/graphql-schema/schema.graphql"), { assumeValidSDL: true });
}

/** What is wrong with a GraphQL text by a schema. */
export function checkText(schema, text) {
  return validate(schema, parse(text)).map((error) => error.message);
}

/** Where the sandbox's own schema says something GitHub's does not. */
export function checkSubset(github, text) {
  const ours = buildSchema(text);
  const wrong = [];
  for (const type of Object.values(ours.getTypeMap())) {
    if (type.name.startsWith("__")) continue;
    const theirs = github.getType(type.name);
    if (!theirs) wrong.push(`GitHub has no type ${type.name}`);
    else if (isEnumType(type)) {
      const values = theirs.getValues().map((value) => value.name);
      for (const value of type.getValues()) if (!values.includes(value.name)) wrong.push(`${type.name} has no ${value.name}`);
    } else if (isUnionType(type)) {
      const names = theirs.getTypes().map((at) => at.name);
      for (const at of type.getTypes()) if (!names.includes(at.name)) wrong.push(`${type.name} has no member ${at.name}`);
    } else if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
      if (isObjectType(type)) {
        const names = theirs.getInterfaces().map((at) => at.name);
        for (const at of type.getInterfaces()) if (!names.includes(at.name)) wrong.push(`${type.name} is no ${at.name}`);
      }
      for (const [name, field] of Object.entries(type.getFields())) {
        const other = theirs.getFields()[name];
        if (!other) { wrong.push(`${type.name} has no field ${name}`); continue; }
        if (String(other.type) !== String(field.type)) wrong.push(`${type.name}.${name} is ${other.type}, not ${field.type}`);
        for (const argument of field.args || []) {
          const match = other.args.find((at) => at.name === argument.name);
          if (!match) wrong.push(`${type.name}.${name} takes no ${argument.name}`);
          else if (String(match.type) !== String(argument.type)) wrong.push(`${type.name}.${name}(${argument.name}) is ${match.type}`);
        }
      }
      if (isInputObjectType(type)) {
        for (const [name, field] of Object.entries(theirs.getFields())) {
          const required = String(field.type).endsWith("!") && field.defaultValue === undefined;
          if (required && !type.getFields()[name]) wrong.push(`${type.name} lacks the required ${name}`);
        }
      }
    } else if (!isScalarType(type)) wrong.push(`what is ${type.name}?`);
  }
  return wrong;
}
