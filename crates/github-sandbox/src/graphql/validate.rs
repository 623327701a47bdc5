//! Checking a request against the schema before anything of it is carried out, in GitHub's wording.

use std::collections::BTreeSet;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, TypeKind,
};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value, json};

use super::inputs;
use super::schema::{SCHEMA, named};

/// Deeper requests are refused, which also ends fragments that contain themselves.
const DEEPEST: usize = 40;

/// The outcome of checking.
pub(super) struct Checked {
    pub(super) errors: Vec<Value>,
    /// How many connections GitHub would have to read, which makes the cost.
    pub(super) requests: u64,
    /// How many nodes it could come to.
    pub(super) nodes: u64,
}

pub(super) fn check(
    document: &ExecutableDocument,
    name: Option<&str>,
    operation: &OperationDefinition,
    variables: &Map<String, Value>,
) -> Checked {
    let root = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let title = name.map_or_else(|| root.to_lowercase(), |name| format!("{} {name}", root.to_lowercase()));
    let mut walk = Walk {
        document,
        variables,
        declared: operation.variable_definitions.iter().map(|at| at.node.name.node.to_string()).collect(),
        used: BTreeSet::new(),
        path: vec![title.clone()],
        named: name.unwrap_or("anonymous query").to_owned(),
        checked: Checked { errors: Vec::new(), requests: 0, nodes: 0 },
    };
    walk.selections(root, &operation.selection_set.node, 1);
    for variable in &operation.variable_definitions {
        let variable_name = variable.node.name.node.as_str();
        if !walk.used.contains(variable_name) {
            walk.checked.errors.push(json!({
                "path": [title],
                "extensions": {"code": "variableNotUsed", "variableName": variable_name},
                "locations": [{"line": variable.pos.line, "column": variable.pos.column}],
                "message": format!(
                    "Variable ${variable_name} is declared by {} but not used", name.unwrap_or("anonymous query")
                ),
            }));
        }
    }
    walk.checked
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Map<String, Value>,
    declared: BTreeSet<String>,
    used: BTreeSet<String>,
    path: Vec<String>,
    named: String,
    checked: Checked,
}

impl Walk<'_> {
    #[expect(clippy::needless_pass_by_value, reason = "callers build the value for this call alone")]
    fn error<T>(&mut self, at: &Positioned<T>, message: &str, extensions: Value) {
        self.checked.errors.push(json!({
            "path": self.path,
            "extensions": extensions,
            "locations": [{"line": at.pos.line, "column": at.pos.column}],
            "message": message,
        }));
    }

    fn selections(&mut self, parent: &str, set: &SelectionSet, times: u64) {
        if self.path.len() > DEEPEST {
            self.checked.errors.push(json!({"message": "Query is too deep", "path": self.path}));
            return;
        }
        for item in &set.items {
            for directive in item.node.directives() {
                for (_, value) in &directive.node.arguments {
                    self.literal(value);
                }
            }
            match &item.node {
                Selection::Field(field) => self.field(parent, field, times),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.document.fragments.get(name) {
                        Some(fragment) => {
                            let on = fragment.node.type_condition.node.on.node.to_string();
                            self.fragment(&on, parent, item, &fragment.node.selection_set.node, times);
                        }
                        None => {
                            let message = format!("Fragment {name} was used, but not defined");
                            let extensions = json!({"code": "useAndDefineFragment", "fragmentName": name});
                            self.error(item, &message, extensions);
                        }
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.to_string());
                    let on = on.unwrap_or_else(|| parent.to_owned());
                    self.fragment(&on, parent, item, &fragment.node.selection_set.node, times);
                }
            }
        }
    }

    fn fragment(
        &mut self,
        on: &str,
        parent: &str,
        item: &Positioned<Selection>,
        set: &SelectionSet,
        times: u64,
    ) {
        if !SCHEMA.is_composite(on) {
            let message = format!("No such type {on}, so it can't be a fragment condition");
            self.error(item, &message, json!({"code": "undefinedType", "typeName": on}));
            return;
        }
        // Between two abstract types there may always be an object that is both.
        let apart = !SCHEMA.is_a(on, parent) && !SCHEMA.is_a(parent, on);
        if apart && !(is_abstract(on) && is_abstract(parent)) {
            let message = format!("Fragment on {on} can't be spread inside {parent}");
            let extensions = json!({"code": "cannotSpreadFragment", "typeName": parent, "parentName": on});
            self.error(item, &message, extensions);
            return;
        }
        self.path.push(format!("... on {on}"));
        self.selections(on, set, times);
        self.path.pop();
    }

    fn field(&mut self, parent: &str, at: &Positioned<Field>, times: u64) {
        let field = &at.node;
        let name = field.name.node.as_str();
        if name == "__typename" {
            return;
        }
        self.path.push(field.response_key().node.to_string());
        match SCHEMA.field(parent, name) {
            None => {
                let message = format!("Field '{name}' doesn't exist on type '{parent}'");
                let extensions = json!({"code": "undefinedField", "typeName": parent, "fieldName": name});
                self.error(at, &message, extensions);
            }
            Some(definition) => {
                self.arguments(at, definition);
                let ty = named(&definition.ty.node);
                let selected = !field.selection_set.node.items.is_empty();
                if SCHEMA.is_composite(ty) && !selected {
                    let message = format!(
                        "Field must have selections (field '{name}' returns {ty} but has no selections. Did you \
                         mean '{name} {{ ... }}'?)"
                    );
                    self.error(
                        at,
                        &message,
                        json!({"code": "selectionMismatch", "nodeName": format!("field '{name}'")}),
                    );
                } else if !SCHEMA.is_composite(ty) && selected {
                    let message =
                        format!("Selections can't be made on scalars (field '{name}' returns {ty})");
                    self.error(
                        at,
                        &message,
                        json!({"code": "selectionMismatch", "nodeName": format!("field '{name}'")}),
                    );
                } else {
                    let values = inputs::arguments(field, definition, self.variables);
                    let inner = self.inner_times(name, ty, &values, times);
                    self.selections(ty, &field.selection_set.node, inner);
                }
            }
        }
        self.path.pop();
    }

    /// How often the selections below a field are read; counts the reads of the field itself.
    fn inner_times(&mut self, name: &str, ty: &str, values: &Map<String, Value>, times: u64) -> u64 {
        if ty.ends_with("Connection") {
            self.checked.requests += times;
            let size =
                values.get("first").or_else(|| values.get("last")).and_then(Value::as_u64).unwrap_or(1);
            let inner = times.saturating_mul(size.clamp(1, 100));
            self.checked.nodes = self.checked.nodes.saturating_add(inner);
            return inner;
        }
        if name == "nodes"
            && let Some(ids) = values.get("ids").and_then(Value::as_array)
        {
            self.checked.requests += 1;
            let inner = times.saturating_mul(ids.len().max(1) as u64);
            self.checked.nodes = self.checked.nodes.saturating_add(inner);
            return inner;
        }
        times
    }

    fn arguments(
        &mut self,
        at: &Positioned<Field>,
        definition: &async_graphql_parser::types::FieldDefinition,
    ) {
        let field = &at.node;
        let name = field.name.node.as_str();
        for (argument, literal) in &field.arguments {
            self.literal(literal);
            if definition.arguments.iter().all(|known| known.node.name.node != argument.node) {
                let message = format!("Field '{name}' doesn't accept argument '{}'", argument.node);
                let extensions = json!({
                    "code": "argumentNotAccepted", "name": name, "typeName": "Field", "argumentName": argument.node,
                });
                self.error(argument, &message, extensions);
            }
        }
        let values = inputs::arguments(field, definition, self.variables);
        for argument in &definition.arguments {
            let argument_name = argument.node.name.node.as_str();
            let ty = &argument.node.ty.node;
            match (values.get(argument_name), field.get_argument(argument_name)) {
                (None, None) if !ty.nullable => {
                    let message = format!("Field '{name}' is missing required arguments: {argument_name}");
                    let extensions = json!({
                        "code": "missingRequiredArguments", "className": "Field", "name": name,
                        "arguments": argument_name,
                    });
                    self.error(at, &message, extensions);
                }
                (Some(value), Some(literal)) => {
                    if let Some(problem) = inputs::problem(ty, value) {
                        let message = format!(
                            "Argument '{argument_name}' on Field '{name}' has an invalid value ({value}). Expected \
                             type '{ty}'. {problem}"
                        );
                        let extensions = json!({
                            "code": "argumentLiteralsIncompatible", "typeName": "Field",
                            "argumentName": argument_name,
                        });
                        self.error(literal, &message, extensions);
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes the variables a literal uses.
    fn literal(&mut self, at: &Positioned<Literal>) {
        let mut names = Vec::new();
        variables_of(&at.node, &mut names);
        for name in names {
            if !self.declared.contains(&name) {
                let message = format!("Variable ${name} is used by {} but not declared", self.named);
                self.error(at, &message, json!({"code": "variableNotDefined", "variableName": name}));
            }
            self.used.insert(name);
        }
    }
}

fn is_abstract(name: &str) -> bool {
    matches!(SCHEMA.kind(name), Some(TypeKind::Interface(_) | TypeKind::Union(_)))
}

fn variables_of(literal: &Literal, names: &mut Vec<String>) {
    match literal {
        Literal::Variable(name) => names.push(name.to_string()),
        Literal::List(items) => items.iter().for_each(|item| variables_of(item, names)),
        Literal::Object(fields) => fields.values().for_each(|value| variables_of(value, names)),
        Literal::Null
        | Literal::Number(_)
        | Literal::String(_)
        | Literal::Boolean(_)
        | Literal::Binary(_)
        | Literal::Enum(_) => {}
    }
}
