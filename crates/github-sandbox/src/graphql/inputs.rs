//! Variables and arguments: what came in, held against the types that are declared for them.

use async_graphql_parser::types::{BaseType, Field, FieldDefinition, OperationDefinition, Type, TypeKind};
use async_graphql_value::Value as Literal;
use serde_json::{Map, Value, json};

use super::schema::SCHEMA;

/// The variables with their defaults, and what is wrong with them.
pub(super) fn variables(
    operation: &OperationDefinition,
    given: &Map<String, Value>,
) -> (Map<String, Value>, Vec<Value>) {
    let mut values = Map::new();
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        let ty = &definition.node.var_type.node;
        let value = match (given.get(name), &definition.node.default_value) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(default)) => default.node.clone().into_json().ok(),
            (None, None) => None,
        };
        if let Some(problem) = problem(ty, value.as_ref().unwrap_or(&Value::Null)) {
            errors.push(json!({
                "message": format!("Variable ${name} of type {ty} was provided invalid value"),
                "locations": [{"line": definition.pos.line, "column": definition.pos.column}],
                "extensions": {"value": value, "problems": [{"path": [], "explanation": problem}]},
            }));
        }
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    }
    (values, errors)
}

/// The arguments of a field as JSON, with the schema's defaults; what was not given is absent.
pub(super) fn arguments(
    field: &Field,
    definition: &FieldDefinition,
    variables: &Map<String, Value>,
) -> Map<String, Value> {
    let mut values = Map::new();
    for argument in &definition.arguments {
        let name = argument.node.name.node.as_str();
        let given = field.get_argument(name).and_then(|literal| as_json(&literal.node, variables));
        let value = given.or_else(|| {
            argument.node.default_value.as_ref().and_then(|value| value.node.clone().into_json().ok())
        });
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    }
    values
}

/// A literal with its variables filled in; nothing when it is a variable nobody gave.
pub(super) fn as_json(literal: &Literal, variables: &Map<String, Value>) -> Option<Value> {
    Some(match literal {
        Literal::Variable(name) => variables.get(name.as_str())?.clone(),
        Literal::Null => Value::Null,
        Literal::Number(number) => Value::Number(number.clone()),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Boolean(value) => Value::Bool(*value),
        Literal::Binary(_) => return None,
        Literal::Enum(name) => Value::String(name.to_string()),
        Literal::List(items) => {
            Value::Array(items.iter().map(|item| as_json(item, variables).unwrap_or(Value::Null)).collect())
        }
        Literal::Object(fields) => Value::Object(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.to_string(), as_json(value, variables)?)))
                .collect(),
        ),
    })
}

/// Why a value is not of a type, if it is not.
pub(super) fn problem(ty: &Type, value: &Value) -> Option<String> {
    if value.is_null() {
        return (!ty.nullable).then(|| "Expected value to not be null".to_owned());
    }
    match &ty.base {
        BaseType::List(inner) => match value.as_array() {
            Some(items) => items.iter().find_map(|item| problem(inner, item)),
            // One value stands for a list of it.
            None => problem(inner, value),
        },
        BaseType::Named(name) => named_problem(name.as_str(), value),
    }
}

fn named_problem(name: &str, value: &Value) -> Option<String> {
    let fits = match name {
        "ID" => value.is_string() || value.is_i64() || value.is_u64(),
        "Int" => value.is_i64() || value.is_u64(),
        "Boolean" => value.is_boolean(),
        "String" | "URI" | "BigInt" => value.is_string(),
        "DateTime" => value.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
        _ => match SCHEMA.kind(name) {
            Some(TypeKind::Enum(kind)) => {
                value.as_str().is_some_and(|text| kind.values.iter().any(|at| at.node.value.node == text))
            }
            Some(TypeKind::InputObject(_)) => return object_problem(name, value),
            _ => return Some(format!("{name} isn't a defined input type")),
        },
    };
    (!fits).then(|| format!("Could not coerce value {value} to {name}"))
}

fn object_problem(name: &str, value: &Value) -> Option<String> {
    let Some(given) = value.as_object() else {
        return Some(format!("Expected {value} to be a key-value object."));
    };
    let fields = SCHEMA.input_fields(name)?;
    if let Some(unknown) = given.keys().find(|key| fields.iter().all(|field| field.name.node != key.as_str()))
    {
        return Some(format!("Field is not defined on {name}: {unknown}"));
    }
    fields.iter().find_map(|field| {
        let value = given.get(field.name.node.as_str()).unwrap_or(&Value::Null);
        problem(&field.ty.node, value).map(|problem| format!("{}: {problem}", field.name.node))
    })
}
