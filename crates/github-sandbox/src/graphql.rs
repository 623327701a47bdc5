//! The GraphQL side: one request parsed, held against the schema, then carried out.
//!
//! Invariant: a request that is wrong anywhere changes nothing, because all of it is checked before its first field is
//! resolved. A field that fails while it is carried out is `null` with an error beside the rest of the data.

mod connections;
mod execute;
mod inputs;
mod mutations;
mod objects;
mod resolve;
mod schema;
mod validate;

use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql_parser::{Error as ParseError, parse_query};
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, Refusal};
use crate::state::World;

/// What a request asks for, as far as faults and the log care.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) operation: Option<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) is_mutation: bool,
    /// Whether issues are listed anywhere in it.
    pub(crate) lists_issues: bool,
}

impl Summary {
    /// The operation's name, or its root fields when it has none.
    pub(crate) fn name(&self) -> String {
        self.operation.clone().unwrap_or_else(|| self.fields.join(","))
    }
}

struct Body {
    query: String,
    operation: Option<String>,
    variables: Map<String, Value>,
}

impl Body {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let body = call.json()?;
        let query = body["query"].as_str().ok_or_else(|| {
            Refusal::Status(400, "A query attribute must be specified and must be a string.".to_owned())
        })?;
        Ok(Self {
            query: query.to_owned(),
            operation: body["operationName"].as_str().map(str::to_owned),
            variables: body["variables"].as_object().cloned().unwrap_or_default(),
        })
    }
}

fn pick<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<(Option<&'a str>, &'a OperationDefinition)> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some((None, &operation.node)),
        (DocumentOperations::Multiple(many), Some(name)) => many
            .iter()
            .find(|(at, _)| at.as_str() == name)
            .map(|(at, operation)| (Some(at.as_str()), &operation.node)),
        (DocumentOperations::Multiple(many), None) if many.len() == 1 => {
            many.iter().next().map(|(at, operation)| (Some(at.as_str()), &operation.node))
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

/// What a request asks for; nothing when it cannot be read.
pub(crate) fn summary(call: &Call) -> Option<Summary> {
    let body = Body::read(call).ok()?;
    let document = parse_query(&body.query).ok()?;
    let (name, operation) = pick(&document, body.operation.as_deref())?;
    let fields = operation
        .selection_set
        .node
        .items
        .iter()
        .filter_map(|item| match &item.node {
            Selection::Field(field) => Some(field.node.name.node.to_string()),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
        })
        .collect();
    let is_mutation = operation.ty == OperationType::Mutation;
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let lists_issues = lists_issues(&operation.selection_set.node) || fragments.into_iter().any(lists_issues);
    Some(Summary { operation: name.map(str::to_owned), fields, is_mutation, lists_issues })
}

fn lists_issues(set: &SelectionSet) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "issues" | "subIssues")
                || lists_issues(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => lists_issues(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

/// Answers one GraphQL request, and says how many points it cost.
pub(crate) fn handle(world: &mut World, call: &Call) -> (Answer, u64) {
    if call.method != "POST" {
        return (Refusal::not_found().into(), 1);
    }
    if call.viewer.is_none() {
        let message = "This endpoint requires you to be authenticated.";
        return (Refusal::Status(401, message.to_owned()).into(), 1);
    }
    let body = match Body::read(call) {
        Ok(body) => body,
        Err(refusal) => return (refusal.into(), 1),
    };
    match answer(world, call, &body) {
        Ok((value, cost)) => (Answer::json(200, value), cost),
        // GitHub gives up after ten seconds, and takes the points all the same.
        Err(Exhausted) => (Answer::unicorn(502), 1),
    }
}

/// The request asked for more than can be had in time.
struct Exhausted;

fn answer(world: &mut World, call: &Call, body: &Body) -> Result<(Value, u64), Exhausted> {
    let document = match parse_query(&body.query) {
        Ok(document) => document,
        Err(error) => return Ok((unparsable(&error), 1)),
    };
    let Some((name, operation)) = pick(&document, body.operation.as_deref()) else {
        return Ok((json!({"errors": [{"message": "An operation name is required"}]}), 1));
    };
    let (variables, errors) = inputs::variables(operation, &body.variables);
    if !errors.is_empty() {
        return Ok((json!({"errors": errors}), 1));
    }
    let checked = validate::check(&document, name, operation, &variables);
    if !checked.errors.is_empty() {
        return Ok((json!({"errors": checked.errors}), 1));
    }
    if world.quirks.graphql_most_nodes.is_some_and(|most| checked.nodes > most) {
        return Err(Exhausted);
    }
    let cost = (checked.requests + 50).checked_div(100).unwrap_or(1).max(1);
    Ok((execute::run(world, call, &document, operation, &variables, cost), cost))
}

fn unparsable(error: &ParseError) -> Value {
    let locations: Vec<Value> =
        error.positions().map(|at| json!({"line": at.line, "column": at.column})).collect();
    let first = error.to_string();
    let message = format!("Parse error: {}", first.lines().last().unwrap_or_default().trim());
    json!({"errors": [{"message": message, "locations": locations}]})
}

/// Takes every second object out of the lists of nodes of an answer, with an error for each.
pub(crate) fn spoil(answer: &mut Answer, kind: &str) {
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let mut errors = value["errors"].as_array().cloned().unwrap_or_default();
    if let Some(data) = value["data"].as_object_mut() {
        for (name, list) in data.iter_mut() {
            for (index, item) in list.as_array_mut().into_iter().flatten().enumerate().skip(1).step_by(2) {
                *item = Value::Null;
                errors.push(json!({
                    "type": kind, "path": [name, index], "message": "Something is missing here",
                }));
            }
        }
    }
    if !errors.is_empty() {
        value["errors"] = Value::Array(errors);
    }
    answer.body = value.to_string().into();
}
