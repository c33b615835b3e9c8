//! What a handler's signature says of its call: parameters, body, answers.

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::api::answers::{Accepted, Done, NowOrSoon, Put};
use crate::api::body::{JsonBody, RawBody};
use crate::api::paths::{CrmPath, EntryPath, LinkPath};
use crate::api::query::{CURSOR_CHARACTERS_MAX, LIMIT_DEFAULT, LIMIT_MAX, Paging, Wait};
use crate::problem::Answered;

/// What is known of a call so far.
#[derive(Debug, Default)]
pub(super) struct Described {
    pub(super) parameters: Vec<Value>,
    pub(super) takes_a_body: bool,
    /// By status.
    pub(super) answers: Map<String, Value>,
    /// Statuses that are answered with a problem.
    pub(super) problems: Vec<u16>,
}

impl Described {
    fn answer(&mut self, status: u16, description: &str, schema: Option<Value>) {
        let mut answer = json!({ "description": description });
        if let Some(schema) = schema {
            answer["content"] = json!({ "application/json": { "schema": schema } });
        }
        self.answers.insert(status.to_string(), answer);
    }

    fn in_path(&mut self, name: &str, description: &str, schema: &Value) {
        self.parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": description, "schema": schema,
        }));
        if !self.problems.contains(&404) {
            self.problems.push(404);
        }
    }
}

/// Something that a handler takes out of a request.
pub(super) trait Takes {
    fn describe(described: &mut Described);
}

/// Something that a handler answers with.
pub(super) trait Answers {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator);
}

/// A handler.
pub(super) trait Call<Parts> {
    fn describe(&self, schemas: &mut SchemaGenerator) -> Described;
}

macro_rules! call {
    ($($part:ident),*) => {
        impl<F, Future, Answer, $($part),*> Call<($($part,)*)> for F
        where
            F: Fn($($part),*) -> Future,
            Future: std::future::Future<Output = Answer>,
            Answer: Answers,
            $($part: Takes),*
        {
            fn describe(&self, schemas: &mut SchemaGenerator) -> Described {
                let mut described = Described::default();
                $($part::describe(&mut described);)*
                Answer::describe(&mut described, schemas);
                described
            }
        }
    };
}

call!();
call!(A);
call!(A, B);
call!(A, B, C);
call!(A, B, C, D);

impl<S> Takes for State<S> {
    fn describe(_: &mut Described) {}
}

/// Read for our own address only.
impl Takes for HeaderMap {
    fn describe(_: &mut Described) {}
}

impl Takes for CrmPath {
    fn describe(described: &mut Described) {
        let schema = json!({ "type": "string", "pattern": "^[a-z0-9-]{1,40}$", "examples": ["my-crm"] });
        described.in_path("crm", "The name under which the CRM is registered.", &schema);
    }
}

impl Takes for LinkPath {
    fn describe(described: &mut Described) {
        CrmPath::describe(described);
        let schema = json!({ "type": "string", "minLength": 1 });
        described.in_path("user", "The CRM's own id of the user.", &schema);
    }
}

impl Takes for EntryPath {
    fn describe(described: &mut Described) {
        LinkPath::describe(described);
        let schema = json!({ "type": "string", "minLength": 1 });
        described.in_path("entry", "The id of an entry of the journal.", &schema);
    }
}

impl Takes for Paging {
    fn describe(described: &mut Described) {
        described.parameters.push(json!({
            "name": "cursor", "in": "query", "description": "A `next_cursor` of this list.",
            "schema": { "type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": CURSOR_CHARACTERS_MAX },
        }));
        described.parameters.push(json!({
            "name": "limit", "in": "query", "description": "Most items of the page.",
            "schema": { "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT },
        }));
        described.problems.push(422);
    }
}

impl Takes for Wait {
    fn describe(described: &mut Described) {
        described.parameters.push(json!({
            "name": "wait", "in": "query",
            "description": "Whether to wait for the run and answer with its record: at most 25 seconds on Lambda.",
            "schema": { "type": "boolean", "default": false },
        }));
        described.problems.push(422);
    }
}

impl Takes for JsonBody {
    fn describe(described: &mut Described) {
        described.takes_a_body = true;
        described.problems.extend([400, 413, 422]);
    }
}

impl Takes for RawBody {
    fn describe(described: &mut Described) {
        JsonBody::describe(described);
    }
}

impl<T: Answers> Answers for Answered<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        T::describe(described, schemas);
    }
}

impl<T: JsonSchema> Answers for Json<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answer(200, "Done.", Some(schema::<T>(schemas)));
    }
}

impl<T: JsonSchema> Answers for Put<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        let schema = schema::<T>(schemas);
        described.answer(200, "Replaced.", Some(schema.clone()));
        described.answer(201, "Made.", Some(schema));
    }
}

impl<T: JsonSchema> Answers for Accepted<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answer(202, "It will be done.", Some(schema::<T>(schemas)));
    }
}

impl Answers for Done {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        described.answer(204, "Done.", None);
    }
}

impl<N: JsonSchema, S: JsonSchema> Answers for NowOrSoon<N, S> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answer(200, "Done.", Some(schema::<N>(schemas)));
        Accepted::<S>::describe(described, schemas);
    }
}

fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}
