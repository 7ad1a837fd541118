//! An answer out of Arrow's columns.

use super::rule::Rows;
use crate::event::Scalar;
use crate::limits::MAX_ANSWER_ROWS;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};

/// What is read of one column of a batch, by row.
type Column<'a> = Box<dyn Fn(usize) -> Scalar + 'a>;

impl Rows {
    /// The rows of an answer, up to one more than an answer may have: by it, [`super::Ops`] knows that it was cut.
    ///
    /// # Errors
    /// When a column has a type that a rule's statement should not answer, such as a list.
    pub fn from_batches<'b>(batches: impl IntoIterator<Item = &'b RecordBatch>) -> Result<Rows, String> {
        let mut out = Rows::default();
        for batch in batches {
            if out.columns.is_empty() {
                out.columns = batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect();
            }
            let columns = batch.schema_ref().fields().iter().zip(batch.columns());
            let columns: Vec<Column<'_>> = columns
                .map(|(field, column)| {
                    reader(column).ok_or_else(|| {
                        let kind = column.data_type();
                        format!("the column {:?} has the type {kind}: answer texts, numbers or times", field.name())
                    })
                })
                .collect::<Result<_, _>>()?;
            let room = (MAX_ANSWER_ROWS + 1).saturating_sub(out.rows.len());
            for row in 0..batch.num_rows().min(room) {
                out.rows.push(columns.iter().map(|column| column(row)).collect());
            }
        }
        Ok(out)
    }
}

fn reader(array: &dyn Array) -> Option<Column<'_>> {
    let valued: Column<'_> = match array.data_type() {
        DataType::Null => return Some(Box::new(|_| Scalar::Null)),
        DataType::Utf8 => texts(array.as_string::<i32>(), |array, row| array.value(row)),
        DataType::LargeUtf8 => texts(array.as_string::<i64>(), |array, row| array.value(row)),
        DataType::Utf8View => texts(array.as_string_view(), |array, row| array.value(row)),
        DataType::Boolean => {
            let array = array.as_boolean();
            Box::new(|row| Scalar::Bool(array.value(row)))
        }
        DataType::Int8 => numbers::<Int8Type>(array, |value| Scalar::Int(value.into())),
        DataType::Int16 => numbers::<Int16Type>(array, |value| Scalar::Int(value.into())),
        DataType::Int32 => numbers::<Int32Type>(array, |value| Scalar::Int(value.into())),
        DataType::Int64 => numbers::<Int64Type>(array, Scalar::Int),
        DataType::UInt8 => numbers::<UInt8Type>(array, |value| Scalar::Int(value.into())),
        DataType::UInt16 => numbers::<UInt16Type>(array, |value| Scalar::Int(value.into())),
        DataType::UInt32 => numbers::<UInt32Type>(array, |value| Scalar::Int(value.into())),
        DataType::UInt64 => {
            numbers::<UInt64Type>(array, |value| i64::try_from(value).map_or(Scalar::Double(value as f64), Scalar::Int))
        }
        DataType::Float32 => numbers::<Float32Type>(array, |value| Scalar::Double(value.into())),
        DataType::Float64 => numbers::<Float64Type>(array, Scalar::Double),
        DataType::Timestamp(unit, _) => times(array, *unit),
        _ => return None,
    };
    Some(Box::new(move |row| if array.is_null(row) { Scalar::Null } else { valued(row) }))
}

fn texts<'a, A>(array: &'a A, value: impl Fn(&'a A, usize) -> &'a str + 'a) -> Column<'a> {
    Box::new(move |row| Scalar::Text(value(array, row).to_owned()))
}

fn numbers<'a, T: ArrowPrimitiveType>(array: &'a dyn Array, read: impl Fn(T::Native) -> Scalar + 'a) -> Column<'a> {
    let array = array.as_primitive::<T>();
    Box::new(move |row| read(array.value(row)))
}

fn times(array: &dyn Array, unit: TimeUnit) -> Column<'_> {
    let nanos = |scale: i64| move |value: i64| Scalar::Int(value.saturating_mul(scale));
    match unit {
        TimeUnit::Second => numbers::<TimestampSecondType>(array, nanos(1_000_000_000)),
        TimeUnit::Millisecond => numbers::<TimestampMillisecondType>(array, nanos(1_000_000)),
        TimeUnit::Microsecond => numbers::<TimestampMicrosecondType>(array, nanos(1_000)),
        TimeUnit::Nanosecond => numbers::<TimestampNanosecondType>(array, nanos(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        ArrayRef, Float64Array, ListArray, StringViewArray, TimestampMillisecondArray, UInt64Array, types::Int32Type,
    };
    use std::sync::Arc;

    #[test]
    fn an_answer_is_read_whatever_its_types() {
        let columns: [(&str, ArrayRef); 4] = [
            ("name", Arc::new(StringViewArray::from(vec![Some("a"), None]))),
            ("value", Arc::new(Float64Array::from(vec![1.5, f64::NAN]))),
            ("last", Arc::new(TimestampMillisecondArray::from(vec![7, 8]))),
            ("samples", Arc::new(UInt64Array::from(vec![3, u64::MAX]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let rows = Rows::from_batches([&batch, &batch]).expect("reads");
        assert_eq!(rows.columns, ["name", "value", "last", "samples"]);
        assert_eq!(rows.rows.len(), 4);
        let first = [Scalar::Text("a".to_owned()), Scalar::Double(1.5), Scalar::Int(7_000_000), Scalar::Int(3)];
        assert_eq!(rows.rows[0], first);
        assert_eq!((&rows.rows[1][0], &rows.rows[1][3]), (&Scalar::Null, &Scalar::Double(u64::MAX as f64)));
    }

    #[test]
    fn a_list_is_refused_with_its_name() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        let batch = RecordBatch::try_from_iter([("l", Arc::new(list) as ArrayRef)]).expect("a batch");
        let error = Rows::from_batches([&batch]).expect_err("refused");
        assert!(error.contains("\"l\"") && error.contains("List"), "{error}");
    }
}
