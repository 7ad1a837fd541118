//! Rows of the store's tables projected onto slots.
//!
//! A row has layers, and of a path the first layer that has it counts: attributes of the record, its body, its columns,
//! attributes of the resource.

use super::line::Reader;
use super::slots::{Fields, PathId, Slots};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray, UInt64Array,
};
use arrow_schema::DataType;
use model::columns::{ATTRIBUTE_PREFIX, name};

const ATTRIBUTES: u8 = 0;
const BODY: u8 = 1;
const COLUMNS: u8 = 2;
const RESOURCE: u8 = 3;

/// Columns of logs and spans that are values of the event, and the path of each.
pub(super) const COLUMN_PATHS: [(&str, &str); 10] = [
    (name::SERVICE_NAME, "service.name"),
    ("severity_text", "severity_text"),
    ("severity_number", "severity_number"),
    ("event_name", "event_name"),
    (name::NAME, "name"),
    ("kind", "kind"),
    ("status_code", "status_code"),
    ("status_message", "status_message"),
    ("scope_name", "scope_name"),
    ("duration_ns", "duration_ns"),
];
/// Paths of a body that is no object.
pub(super) const BODY_PATHS: [&str; 2] = ["body", "message"];

/// A batch of the store, made ready once for all its rows.
pub struct Rows<'a> {
    attributes: Vec<Column<'a>>,
    columns: Vec<Column<'a>>,
    body: Option<(&'a StringViewArray, Option<&'a StringViewArray>)>,
    body_paths: [Option<PathId>; 2],
    rest: Option<&'a StringViewArray>,
    resource: Option<&'a StringViewArray>,
    /// Values that no rule names are among the columns.
    has_all: bool,
}

struct Column<'a> {
    path: Option<PathId>,
    name: &'a str,
    values: Values<'a>,
}

enum Values<'a> {
    Text(&'a StringViewArray),
    Int(&'a Int64Array),
    Int32(&'a Int32Array),
    UInt(&'a UInt64Array),
    Double(&'a Float64Array),
    Bool(&'a BooleanArray),
}

impl<'a> Values<'a> {
    fn new(array: &'a ArrayRef) -> Option<Values<'a>> {
        Some(match array.data_type() {
            DataType::Utf8View => Values::Text(array.as_string_view()),
            DataType::Int64 => Values::Int(array.as_primitive::<Int64Type>()),
            DataType::Int32 => Values::Int32(array.as_primitive::<Int32Type>()),
            DataType::UInt64 => Values::UInt(array.as_primitive::<UInt64Type>()),
            DataType::Float64 => Values::Double(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Values::Bool(array.as_boolean()),
            _ => return None,
        })
    }

    #[inline]
    fn is_null(&self, row: usize) -> bool {
        match self {
            Values::Text(array) => array.is_null(row),
            Values::Int(array) => array.is_null(row),
            Values::Int32(array) => array.is_null(row),
            Values::UInt(array) => array.is_null(row),
            Values::Double(array) => array.is_null(row),
            Values::Bool(array) => array.is_null(row),
        }
    }

    #[inline]
    fn put(&self, row: usize, fields: &Fields, slots: &mut Slots, path: Option<PathId>) {
        match self {
            Values::Text(array) => slots.text(fields, path, array.value(row)),
            Values::Int(array) => slots.int(fields, path, array.value(row)),
            Values::Int32(array) => slots.int(fields, path, array.value(row).into()),
            Values::UInt(array) => match i64::try_from(array.value(row)) {
                Ok(int) => slots.int(fields, path, int),
                Err(_) => slots.text(fields, path, &array.value(row).to_string()),
            },
            Values::Double(array) => slots.double(fields, path, array.value(row)),
            Values::Bool(array) => slots.bool(fields, path, array.value(row)),
        }
    }
}

fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringViewArray> {
    batch.column_by_name(name)?.as_string_view_opt()
}

impl<'a> Rows<'a> {
    pub(super) fn new(batch: &'a RecordBatch, fields: &Fields, keeps_all: bool) -> Rows<'a> {
        let mut this = Rows {
            attributes: Vec::new(),
            columns: Vec::new(),
            body: texts(batch, name::BODY).map(|body| (body, texts(batch, "body_type"))),
            body_paths: BODY_PATHS.map(|path| fields.path(path)),
            rest: texts(batch, name::ATTRIBUTES),
            resource: texts(batch, name::RESOURCE_ATTRIBUTES),
            has_all: keeps_all,
        };
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let Some(values) = Values::new(array).filter(|_| array.null_count() < array.len()) else { continue };
            let (out, name) = match field.name().strip_prefix(ATTRIBUTE_PREFIX) {
                Some(key) => (&mut this.attributes, key),
                None => match COLUMN_PATHS.iter().find(|(column, _)| column == field.name()) {
                    Some((_, path)) => (&mut this.columns, *path),
                    None => continue,
                },
            };
            // The name lives as long as the batch, not as the schema's reference.
            let path = fields.path(name);
            if path.is_some() || keeps_all {
                out.push(Column { path, name, values });
            }
        }
        this
    }

    /// Whether a row can be projected with all its values.
    pub(super) fn has_all(&self) -> bool {
        self.has_all
    }

    /// Projects a row.
    pub(super) fn project(&self, row: usize, fields: &Fields, slots: &mut Slots, buffer: &mut String) {
        for column in &self.attributes {
            put(column, row, ATTRIBUTES, fields, slots);
        }
        if let Some(rest) = at(self.rest, row) {
            object(rest, ATTRIBUTES, fields, slots, buffer);
        }
        if let Some((body, kinds)) = self.body
            && let Some(body) = at(Some(body), row)
        {
            match at(kinds, row) {
                None => {
                    for (path, name) in self.body_paths.into_iter().zip(BODY_PATHS) {
                        let path = slots.number(path);
                        if slots.wants(path) && slots.admits(path, name, BODY) {
                            slots.name(name);
                            slots.text(fields, path, body);
                        }
                    }
                }
                Some("map") => object(body, BODY, fields, slots, buffer),
                Some(_) => value(body, fields, slots, buffer),
            }
        }
        for column in &self.columns {
            put(column, row, COLUMNS, fields, slots);
        }
        if let Some(resource) = at(self.resource, row) {
            object(resource, RESOURCE, fields, slots, buffer);
        }
    }
}

fn at(array: Option<&StringViewArray>, row: usize) -> Option<&str> {
    array.filter(|array| array.is_valid(row)).map(|array| array.value(row))
}

#[inline]
fn put(column: &Column<'_>, row: usize, layer: u8, fields: &Fields, slots: &mut Slots) {
    let path = slots.number(column.path);
    if !column.values.is_null(row) && slots.wants(path) && slots.admits(path, column.name, layer) {
        slots.name(column.name);
        column.values.put(row, fields, slots, path);
    }
}

fn reader<'r>(layer: u8, fields: &'r Fields, slots: &'r mut Slots, path: &'r mut String) -> Reader<'r> {
    path.clear();
    Reader { fields, slots, path, base: None, marked: true, layer: Some(layer) }
}

/// Reads an object of attribute JSON. The store wrote it, so it is well-formed; what is not ends where it breaks.
fn object(text: &str, layer: u8, fields: &Fields, slots: &mut Slots, buffer: &mut String) {
    let _ = reader(layer, fields, slots, buffer).object(text);
}

/// Reads a body that is a list, a number or a boolean.
fn value(text: &str, fields: &Fields, slots: &mut Slots, buffer: &mut String) {
    let mut reader = reader(BODY, fields, slots, buffer);
    reader.path.push_str(BODY_PATHS[0]);
    let _ = reader.value(text, 1);
}
