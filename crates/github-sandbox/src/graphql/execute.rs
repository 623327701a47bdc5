//! Walking the selections of a checked request and collecting the data and the errors.

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use serde_json::{Map, Value, json};

use super::objects::{Object, Out, Problem};
use super::schema::SCHEMA;
use super::{inputs, mutations, resolve};
use crate::call::{Call, SAML};
use crate::state::World;

/// Everything one request needs while it is carried out.
pub(super) struct Run<'a> {
    pub(super) world: &'a mut World,
    pub(super) call: &'a Call,
    pub(super) cost: u64,
    document: &'a ExecutableDocument,
    variables: &'a Map<String, Value>,
    path: Vec<Value>,
    errors: Vec<Value>,
}

/// A non-null field had no value: the nearest nullable field above it becomes null.
struct Bubble;

pub(super) fn run(
    world: &mut World,
    call: &Call,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Map<String, Value>,
    cost: u64,
) -> Value {
    let mut run = Run { world, call, cost, document, variables, path: Vec::new(), errors: Vec::new() };
    let root = match operation.ty {
        OperationType::Mutation => Object::Mutation,
        OperationType::Query | OperationType::Subscription => Object::Query,
    };
    let data = run.object(&root, &[&operation.selection_set.node]).unwrap_or(Value::Null);
    if run.errors.is_empty() { json!({"data": data}) } else { json!({"data": data, "errors": run.errors}) }
}

impl<'a> Run<'a> {
    fn object(&mut self, object: &Object, sets: &[&'a SelectionSet]) -> Result<Value, Bubble> {
        let mut fields: Vec<(String, Vec<&'a Positioned<Field>>)> = Vec::new();
        for set in sets {
            self.collect(object.type_name(self.world), set, &mut fields);
        }
        let mut data = Map::new();
        for (key, same) in fields {
            self.path.push(Value::String(key.clone()));
            let value = self.field(object, &same);
            self.path.pop();
            data.insert(key, value?);
        }
        Ok(Value::Object(data))
    }

    /// The fields that apply to an object of this type, those of one response key together.
    fn collect(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        fields: &mut Vec<(String, Vec<&'a Positioned<Field>>)>,
    ) {
        for item in &set.items {
            if !self.included(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.to_string();
                    match fields.iter_mut().find(|(at, _)| *at == key) {
                        Some((_, same)) => same.push(field),
                        None => fields.push((key, vec![field])),
                    }
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node)
                        && SCHEMA.is_a(ty, fragment.node.type_condition.node.on.node.as_str())
                    {
                        self.collect(ty, &fragment.node.selection_set.node, fields);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    if on.is_none_or(|on| SCHEMA.is_a(ty, on.node.on.node.as_str())) {
                        self.collect(ty, &fragment.node.selection_set.node, fields);
                    }
                }
            }
        }
    }

    fn included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive
                .node
                .get_argument("if")
                .and_then(|literal| inputs::as_json(&literal.node, self.variables))
                .and_then(|value| value.as_bool());
            match directive.node.name.node.as_str() {
                "include" => condition != Some(false),
                "skip" => condition != Some(true),
                _ => true,
            }
        })
    }

    fn field(&mut self, object: &Object, same: &[&'a Positioned<Field>]) -> Result<Value, Bubble> {
        let at = same[0];
        let name = at.node.name.node.as_str();
        let ty = object.type_name(self.world);
        if name == "__typename" {
            return Ok(Value::String(ty.to_owned()));
        }
        let Some(definition) = SCHEMA.field(ty, name) else { return Ok(Value::Null) };
        let arguments = inputs::arguments(&at.node, definition, self.variables);
        let out = match object {
            Object::Mutation => mutations::run(self, name, &arguments),
            _ => resolve::field(self, object, name, &arguments),
        };
        let sets: Vec<&'a SelectionSet> = same.iter().map(|field| &field.node.selection_set.node).collect();
        let value = match out {
            Err(problem) => {
                self.report(at, &problem);
                Value::Null
            }
            Ok(Out::Value(value)) => value,
            Ok(Out::Object(inner)) => self.object(&inner, &sets).unwrap_or(Value::Null),
            Ok(Out::Objects(items)) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(json!(index));
                    values.push(match item {
                        Ok(inner) => self.object(&inner, &sets).unwrap_or(Value::Null),
                        Err(problem) => {
                            self.report(at, &problem);
                            Value::Null
                        }
                    });
                    self.path.pop();
                }
                Value::Array(values)
            }
        };
        if value.is_null() && !definition.ty.node.nullable { Err(Bubble) } else { Ok(value) }
    }

    fn report(&mut self, at: &Positioned<Field>, problem: &Problem) {
        let mut error = json!({
            "type": problem.kind,
            "path": self.path,
            "locations": [{"line": at.pos.line, "column": at.pos.column}],
            "message": problem.message,
        });
        if problem.message == SAML {
            error["extensions"] = json!({"saml_failure": true});
        }
        self.errors.push(error);
    }
}
