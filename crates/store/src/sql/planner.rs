//! `attributes['key']` in SQL.

use super::functions::{Kind, TextFunction};
use arrow_schema::DataType;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable as _, GetFieldAccess};
use datafusion::sql::sqlparser::ast::BinaryOperator;
use std::sync::Arc;

/// Lowers field access on text to `attr`, and its comparison with a number to `attr_float`.
#[derive(Debug)]
pub struct AttributePlanner;

impl ExprPlanner for AttributePlanner {
    fn plan_field_access(
        &self,
        access: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let GetFieldAccess::NamedStructField { name } = &access.field_access else {
            return Ok(PlannerResult::Original(access));
        };
        let text =
            matches!(access.expr.get_type(schema), Ok(DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8));
        match name.try_as_str().flatten() {
            Some(key) if text => {
                let args = vec![object(access.expr), datafusion::logical_expr::lit(key)];
                Ok(PlannerResult::Planned(call(Kind::Attr, args)))
            }
            _ => Ok(PlannerResult::Original(access)),
        }
    }

    fn plan_binary_op(&self, binary: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator as Op;
        let comparison = matches!(binary.op, Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq);
        if !comparison {
            return Ok(PlannerResult::Original(binary));
        }
        let RawBinaryExpr { op, left, right } = binary;
        let (left, right) = match (is_number(&left), is_number(&right)) {
            (false, true) => (numeric(left), right),
            (true, false) => (left, numeric(right)),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// `x['a']['b']` looks into the JSON of `a`.
fn object(expr: Expr) -> Expr {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == Kind::Attr.name() => {
            call(Kind::AttrJson, args)
        }
        other => other,
    }
}

fn call(kind: Kind, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(TextFunction::udf(kind)), args))
}

fn numeric(expr: Expr) -> Expr {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == Kind::Attr.name() => {
            call(Kind::AttrFloat, args)
        }
        other => other,
    }
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.data_type().is_numeric(),
        Expr::Negative(inner) => is_number(inner),
        _ => false,
    }
}
