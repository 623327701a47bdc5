//! The schema: the part of GitHub's that the sandbox answers, read from `schema.graphql` once.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};

/// Type name → what it is.
pub(super) struct Schema(HashMap<String, TypeKind>);

pub(super) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let document = parse_schema(include_str!("schema.graphql")).expect("a test reads schema.graphql");
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => {
            Some((definition.node.name.node.to_string(), definition.node.kind))
        }
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    Schema(types.collect())
});

impl Schema {
    pub(super) fn kind(&self, name: &str) -> Option<&TypeKind> {
        self.0.get(name)
    }

    pub(super) fn field(&self, parent: &str, name: &str) -> Option<&FieldDefinition> {
        let fields = match self.kind(parent)? {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => {
                return None;
            }
        };
        fields.iter().find(|field| field.node.name.node == name).map(|field| &field.node)
    }

    pub(super) fn input_fields(&self, name: &str) -> Option<Vec<&InputValueDefinition>> {
        match self.kind(name)? {
            TypeKind::InputObject(input) => Some(input.fields.iter().map(|field| &field.node).collect()),
            _ => None,
        }
    }

    /// Whether values of this type are objects that fields are selected from.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        matches!(self.kind(name), Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)))
    }

    /// Whether an object of type `object` is also a `wanted`.
    pub(super) fn is_a(&self, object: &str, wanted: &str) -> bool {
        if object == wanted {
            return true;
        }
        let implements = match self.kind(object) {
            Some(TypeKind::Object(object)) => object.implements.iter().any(|name| name.node == wanted),
            _ => false,
        };
        let member = match self.kind(wanted) {
            Some(TypeKind::Union(union)) => union.members.iter().any(|name| name.node == object),
            _ => false,
        };
        implements || member
    }
}

/// The name inside lists and non-nulls.
pub(super) fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_names_only_types_it_has() {
        assert!(SCHEMA.kind("Issue").is_some());
        for (name, kind) in &SCHEMA.0 {
            let fields = match kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            for field in fields {
                let ty = named(&field.node.ty.node);
                let known = SCHEMA.kind(ty).is_some() || matches!(ty, "ID" | "String" | "Int" | "Boolean");
                assert!(known, "{name}.{} is a {ty}", field.node.name.node);
            }
        }
        assert!(SCHEMA.is_a("Issue", "Node"));
        assert!(SCHEMA.is_a("ClosedEvent", "IssueTimelineItems"));
        assert!(!SCHEMA.is_a("Label", "Actor"));
    }
}
