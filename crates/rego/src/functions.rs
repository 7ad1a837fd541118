//! Functions of Rego that make much out of little, bounded. They stand before those of the interpreter, however a policy names them.

use crate::limits::{MAX_REGO_NUMBERS, MAX_REGO_SHIFT};
use crate::steps;
use anyhow::{Result, bail};
use regorus::{Engine, Value};

/// Puts them into an interpreter.
pub(crate) fn add(engine: &mut Engine) -> Result<()> {
    let range = |given: Vec<Value>| match integers(&given)[..] {
        [Some(from), Some(to)] => numbers(from, to, 1),
        _ => Ok(Value::Undefined),
    };
    let range_step = |given: Vec<Value>| match integers(&given)[..] {
        [Some(from), Some(to), Some(step)] if step > 0 => numbers(from, to, step),
        [_, _, Some(_)] => bail!("the step must be a positive number"),
        _ => Ok(Value::Undefined),
    };
    let lsh = |given: Vec<Value>| match integers(&given)[..] {
        [Some(value), Some(by)] => match u32::try_from(by) {
            Ok(by) if by < MAX_REGO_SHIFT => Ok(Value::from(i128::from(value) << by)),
            _ => bail!("bits.lsh moves fewer than {MAX_REGO_SHIFT} bits here"),
        },
        _ => Ok(Value::Undefined),
    };
    engine.add_extension("numbers.range".to_owned(), 2, Box::new(range))?;
    engine.add_extension("numbers.range_step".to_owned(), 3, Box::new(range_step))?;
    engine.add_extension("bits.lsh".to_owned(), 2, Box::new(lsh))
}

fn integers(given: &[Value]) -> Vec<Option<i64>> {
    given.iter().map(|value| value.as_i64().ok()).collect()
}

/// Both ends are in it; it counts downwards when the second is the smaller.
fn numbers(from: i64, to: i64, step: i64) -> Result<Value> {
    let count = from.abs_diff(to) / step.unsigned_abs();
    if count >= MAX_REGO_NUMBERS as u64 {
        bail!("more than {MAX_REGO_NUMBERS} numbers (MAX_REGO_NUMBERS)");
    }
    steps::charge(count);
    let step = if from <= to { step } else { -step };
    let all: Vec<Value> = (0..=count as i64).map(|number| Value::from(from + number * step)).collect();
    Ok(Value::from(all))
}
