//! The SQL functions that the search language lowers to, over the kernels of `query` and `model`.

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringViewBuilder, UInt32Builder};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StringViewArray};
use arrow_schema::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ExpressionPlacement, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use model::columns::ATTRIBUTE_PREFIX;
use model::json;
use query::text::{PhraseMatcher, TokenPrefix, Wildcard};
use std::borrow::Cow;
use std::sync::Arc;

use crate::segment::union::typed_value;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `attr(json, key)`: canonical text.
    Attr,
    /// `attr_int(json, key)`.
    AttrInt,
    /// `attr_float(json, key)`.
    AttrFloat,
    /// `attr_bool(json, key)`.
    AttrBool,
    /// `attr_json(json, key)`.
    AttrJson,
    /// `has_phrase(text, phrase)`.
    HasPhrase,
    /// `wildcard(text, pattern)`.
    Wildcard,
    /// `iwildcard(text, pattern)`, whatever the case.
    Iwildcard,
    /// `token_prefix(text, prefix)`.
    TokenPrefix,
    /// `matches_regex(text, pattern)`.
    Regex,
    /// `in_cidr(text, network)`.
    Cidr,
    /// `number(text)`.
    Number,
}

impl Kind {
    /// Every function.
    pub const ALL: [Kind; 12] = [
        Kind::Attr,
        Kind::AttrInt,
        Kind::AttrFloat,
        Kind::AttrBool,
        Kind::AttrJson,
        Kind::HasPhrase,
        Kind::Wildcard,
        Kind::Iwildcard,
        Kind::TokenPrefix,
        Kind::Regex,
        Kind::Cidr,
        Kind::Number,
    ];

    /// The name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Attr => "attr",
            Kind::AttrInt => "attr_int",
            Kind::AttrFloat => "attr_float",
            Kind::AttrBool => "attr_bool",
            Kind::AttrJson => "attr_json",
            Kind::HasPhrase => "has_phrase",
            Kind::Wildcard => "wildcard",
            Kind::Iwildcard => "iwildcard",
            Kind::TokenPrefix => "token_prefix",
            Kind::Regex => "matches_regex",
            Kind::Cidr => "in_cidr",
            Kind::Number => "number",
        }
    }

    /// The function with this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it reads a member of a JSON object.
    pub fn is_attr(self) -> bool {
        matches!(self, Kind::Attr | Kind::AttrInt | Kind::AttrFloat | Kind::AttrBool | Kind::AttrJson)
    }

    fn return_type(self) -> DataType {
        match self {
            Kind::Attr | Kind::AttrJson => DataType::Utf8View,
            Kind::AttrInt => DataType::Int64,
            Kind::AttrFloat | Kind::Number => DataType::Float64,
            _ => DataType::Boolean,
        }
    }
}

/// One of the functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TextFunction {
    kind: Kind,
    signature: Signature,
}

impl TextFunction {
    /// The function for DataFusion.
    pub fn udf(kind: Kind) -> ScalarUDF {
        let arguments = if kind == Kind::Number { 1 } else { 2 };
        ScalarUDF::new_from_impl(Self { kind, signature: Signature::string(arguments, Volatility::Immutable) })
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.kind.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kind.return_type())
    }

    /// Reading an attribute belongs into the scan, which turns it into a column where it can.
    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        match args {
            [ExpressionPlacement::Column, ExpressionPlacement::Literal] if self.kind.is_attr() => {
                ExpressionPlacement::MoveTowardsLeafNodes
            }
            _ => ExpressionPlacement::KeepInPlace,
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(text) = args.args.first() else { return plan_err!("{} needs arguments", self.name()) };
        let scalar = matches!(text, ColumnarValue::Scalar(_));
        let rows = if scalar { 1 } else { args.number_rows };
        let text = text.to_array(rows)?;
        let text = datafusion::arrow::compute::cast(&text, &DataType::Utf8View)?;
        let operand = match args.args.get(1) {
            None => String::new(),
            Some(operand) => match literal(operand) {
                Some(Some(operand)) => operand,
                Some(None) => return Ok(ColumnarValue::Scalar(ScalarValue::try_from(self.kind.return_type())?)),
                None => return plan_err!("the second argument of {} must be a text literal", self.name()),
            },
        };
        let result = evaluate(self.kind, text.as_string_view(), &operand)?;
        Ok(if scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?)
        } else {
            ColumnarValue::Array(result)
        })
    }
}

/// `None` when it is no literal, `Some(None)` when it is NULL.
fn literal(value: &ColumnarValue) -> Option<Option<String>> {
    match value {
        ColumnarValue::Scalar(scalar) => match scalar {
            ScalarValue::Null => Some(None),
            other => other.try_as_str().map(|text| text.map(str::to_owned)),
        },
        ColumnarValue::Array(_) => None,
    }
}

fn evaluate(kind: Kind, text: &StringViewArray, operand: &str) -> Result<ArrayRef> {
    Ok(match kind {
        Kind::Attr => texts(text, |row| json::raw_to_text(json::get(row, operand)?))?,
        Kind::AttrJson => texts(text, |row| json::get(row, operand).map(Cow::Borrowed))?,
        Kind::AttrInt => {
            let mut out = Int64Builder::with_capacity(text.len());
            each(
                text,
                |row| row.and_then(|row| json::get(row, operand)?.parse().ok()),
                |value| out.append_option(value),
            );
            Arc::new(out.finish())
        }
        Kind::AttrFloat => {
            let mut out = Float64Builder::with_capacity(text.len());
            each(
                text,
                |row| row.and_then(|row| json::raw_to_number(json::get(row, operand)?)),
                |value| {
                    out.append_option(value);
                },
            );
            Arc::new(out.finish())
        }
        Kind::AttrBool => bools(text, |row| match json::get(row, operand) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        }),
        Kind::Number => {
            let mut out = Float64Builder::with_capacity(text.len());
            each(text, |row| row.and_then(|row| row.trim().parse().ok()), |value| out.append_option(value));
            Arc::new(out.finish())
        }
        Kind::HasPhrase => {
            let matcher = PhraseMatcher::new(operand);
            bools(text, |row| Some(matcher.is_match(row)))
        }
        Kind::Wildcard | Kind::Iwildcard => {
            let matcher = Wildcard::new(operand, kind == Kind::Iwildcard);
            bools(text, |row| Some(matcher.is_match(row)))
        }
        Kind::TokenPrefix => {
            let matcher = TokenPrefix::new(operand);
            bools(text, |row| Some(matcher.is_match(row)))
        }
        Kind::Regex => {
            let regex = query::functions::regex(operand).map_err(|error| exec_datafusion_err!("{error}"))?;
            bools(text, |row| Some(regex.is_match(row)))
        }
        Kind::Cidr => {
            let Some(network) = query::functions::network(operand) else {
                return exec_err!("{operand:?} is no network; write it like 10.0.0.0/8");
            };
            bools(text, |row| Some(query::functions::in_network(row, &network)))
        }
    })
}

/// Answers that are remembered while rows are gone through. A column with a dictionary has few values, and its rows are
/// the very same bytes.
const KNOWN_ANSWERS: usize = 256;

/// Answers for every row, and mostly once for rows that are the very same bytes.
fn each<T: Copy>(text: &StringViewArray, mut answer: impl FnMut(Option<&str>) -> T, mut put: impl FnMut(T)) {
    let mut known: Vec<Option<(u128, T)>> = vec![None; KNOWN_ANSWERS.min(text.len().next_power_of_two())];
    for row in 0..text.len() {
        if text.is_null(row) {
            put(answer(None));
            continue;
        }
        let view = text.views()[row];
        let place = place_of(view) % known.len();
        let value = match known[place] {
            Some((same, value)) if same == view => value,
            _ => answer(Some(text.value(row))),
        };
        known[place] = Some((view, value));
        put(value);
    }
}

/// Where the answer for a text is kept: its length, its first bytes, and where it lies, mixed.
fn place_of(view: u128) -> usize {
    let mixed = (view as u64 ^ (view >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 48) as usize
}

fn bools(text: &StringViewArray, answer: impl Fn(&str) -> Option<bool>) -> ArrayRef {
    let mut out = BooleanBuilder::with_capacity(text.len());
    each(text, |row| row.and_then(&answer), |value| out.append_option(value));
    Arc::new(out.finish())
}

/// A text for each row, kept once for rows that are the very same bytes.
fn texts(text: &StringViewArray, answer: impl Fn(&str) -> Option<Cow<'_, str>>) -> Result<ArrayRef> {
    let mut answers = StringViewBuilder::new();
    let (mut next, mut of_rows) = (0, UInt32Builder::with_capacity(text.len()));
    each(
        text,
        |row| {
            answers.append_value(answer(row?)?);
            next += 1;
            Some(next - 1)
        },
        |place: Option<u32>| of_rows.append_option(place),
    );
    Ok(datafusion::arrow::compute::take(&answers.finish(), &of_rows.finish(), None)?)
}

/// What the scan of a file or of memory puts in place of logical columns.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum Stored {
    /// Hex text of an id column.
    Hex,
    /// An attribute from (typed column, rest).
    Either(Kind, String),
    /// All attributes from (rest, typed columns with these keys).
    Whole(Vec<String>),
}

/// [`Stored`] as a function for DataFusion.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct StoredFunction {
    stored: Stored,
    signature: Signature,
}

impl StoredFunction {
    /// The function.
    pub fn udf(stored: Stored) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self { stored, signature: Signature::variadic_any(Volatility::Immutable) })
    }
}

impl ScalarUDFImpl for StoredFunction {
    fn name(&self) -> &str {
        match self.stored {
            Stored::Hex => "stored_hex",
            Stored::Either(..) => "stored_attribute",
            Stored::Whole(_) => "stored_attributes",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match &self.stored {
            Stored::Either(kind, _) => kind.return_type(),
            _ => DataType::Utf8View,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let result = match (&self.stored, arrays.as_slice()) {
            (Stored::Hex, [ids]) => hex(ids)?,
            (Stored::Either(kind, key), [typed, rest]) => either(*kind, key, typed, rest)?,
            (Stored::Whole(keys), [rest, typed @ ..]) => whole(keys, rest, typed),
            _ => return plan_err!("{} has wrong arguments", self.name()),
        };
        Ok(ColumnarValue::Array(result))
    }
}

fn hex(ids: &ArrayRef) -> Result<ArrayRef> {
    let Some(ids) = ids.as_fixed_size_binary_opt() else { return exec_err!("an id column has another type") };
    let mut out = StringViewBuilder::with_capacity(ids.len());
    let mut text = String::with_capacity(32);
    for row in 0..ids.len() {
        if ids.is_null(row) {
            out.append_null();
            continue;
        }
        text.clear();
        model::hex::push(&mut text, ids.value(row));
        out.append_value(&text);
    }
    Ok(Arc::new(out.finish()))
}

/// The attribute from its column where it has one, else from the rest.
fn either(kind: Kind, key: &str, typed: &ArrayRef, rest: &ArrayRef) -> Result<ArrayRef> {
    let rest_text = rest.as_string_view();
    let from_column = from_typed(kind, typed)?;
    if rest_text.null_count() == rest_text.len() {
        return Ok(from_column);
    }
    let present = datafusion::arrow::compute::is_not_null(typed)?;
    // What has its column is not looked for in the rest.
    let left = datafusion::arrow::compute::nullif(rest, &present)?;
    let from_rest = evaluate(kind, left.as_string_view(), key)?;
    Ok(datafusion::arrow::compute::kernels::zip::zip(&present, &from_column, &from_rest)?)
}

fn from_typed(kind: Kind, typed: &ArrayRef) -> Result<ArrayRef> {
    use datafusion::arrow::compute::cast;
    Ok(match (kind, typed.data_type()) {
        (Kind::Attr, DataType::Utf8View) | (Kind::AttrInt, DataType::Int64) => typed.clone(),
        (Kind::AttrFloat, DataType::Float64) | (Kind::AttrBool, DataType::Boolean) => typed.clone(),
        (Kind::AttrFloat, DataType::Int64) => cast(typed, &DataType::Float64)?,
        (Kind::AttrFloat, DataType::Utf8View) => {
            let mut out = Float64Builder::with_capacity(typed.len());
            typed.as_string_view().iter().for_each(|text| out.append_option(text.and_then(|text| text.parse().ok())));
            Arc::new(out.finish())
        }
        (Kind::Attr | Kind::AttrJson, _) => {
            let mut out = StringViewBuilder::with_capacity(typed.len());
            let mut text = String::new();
            for row in 0..typed.len() {
                match typed_value(typed, row) {
                    None => out.append_null(),
                    Some(model::ValueRef::Double(double)) if kind == Kind::Attr => {
                        text.clear();
                        json::write_double_text(&mut text, double);
                        out.append_value(&text);
                    }
                    Some(value) => {
                        text.clear();
                        json::write_value(&mut text, value);
                        out.append_value(&text);
                    }
                }
            }
            Arc::new(out.finish())
        }
        _ => datafusion::arrow::array::new_null_array(&kind.return_type(), typed.len()),
    })
}

/// The whole object: typed columns in order, then the rest.
fn whole(keys: &[String], rest: &ArrayRef, typed: &[ArrayRef]) -> ArrayRef {
    let rest = rest.as_string_view();
    let mut out = StringViewBuilder::with_capacity(rest.len());
    let mut object = String::new();
    for row in 0..rest.len() {
        object.clear();
        for (key, column) in keys.iter().zip(typed) {
            if let Some(value) = typed_value(column, row) {
                json::push_member(&mut object, key, value);
            }
        }
        if rest.is_valid(row) {
            if object.is_empty() {
                out.append_value(rest.value(row));
                continue;
            }
            object.push(',');
            object.push_str(rest.value(row).strip_prefix('{').unwrap_or_default());
            out.append_value(&object);
        } else if object.is_empty() {
            out.append_null();
        } else {
            object.push('}');
            out.append_value(&object);
        }
    }
    Arc::new(out.finish())
}

/// The attribute key of a typed column.
pub fn key_of(column: &str) -> Option<&str> {
    column.strip_prefix(ATTRIBUTE_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::UInt32Array;

    /// Rows as a column with a dictionary gives them: many are the very same bytes, and more differ than are remembered.
    #[test]
    fn what_is_remembered_answers_as_each_row_would() {
        let objects: StringViewArray =
            (0..3 * KNOWN_ANSWERS).map(|at| Some(format!(r#"{{"n":{at},"text":"a \"{at}\" of many"}}"#))).collect();
        let rows: UInt32Array =
            (0..20_000_u32).map(|row| (row % 7 != 3).then(|| row * row % objects.len() as u32)).collect();
        let column = datafusion::arrow::compute::take(&objects, &rows, None).expect("rows of the dictionary");
        let column = column.as_string_view();
        let texts = evaluate(Kind::Attr, column, "text").expect("texts");
        let numbers = evaluate(Kind::AttrInt, column, "n").expect("numbers");
        for (row, at) in rows.iter().enumerate() {
            let text = texts.is_valid(row).then(|| texts.as_string_view().value(row).to_owned());
            assert_eq!(text, at.map(|at| format!("a \"{at}\" of many")), "row {row}");
            let numbers = numbers.as_primitive::<arrow_array::types::Int64Type>();
            assert_eq!(numbers.is_valid(row).then(|| numbers.value(row)), at.map(i64::from), "row {row}");
        }
        let absent = evaluate(Kind::Attr, column, "absent").expect("nothing");
        assert_eq!(absent.null_count(), column.len());
    }
}
