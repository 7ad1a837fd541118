//! From logical columns to the stored ones of one file or one batch.

use super::functions::{Kind, Stored, StoredFunction, TextFunction, key_of};
use arrow_schema::{DataType, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::{CastExpr, Column, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_adapter::{PhysicalExprAdapter, PhysicalExprAdapterFactory};
use model::columns::{ATTRIBUTE_PREFIX, name};
use std::sync::Arc;

/// Makes [`Adapter`]s.
#[derive(Debug)]
pub struct Adapters;

impl PhysicalExprAdapterFactory for Adapters {
    fn create(&self, logical: SchemaRef, stored: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        Ok(Arc::new(Adapter { logical, stored }))
    }
}

/// Rewrites expressions over the logical columns for one stored schema.
#[derive(Debug)]
pub struct Adapter {
    /// The columns of the table.
    pub logical: SchemaRef,
    /// The columns that are there.
    pub stored: SchemaRef,
}

impl PhysicalExprAdapter for Adapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let rewritten = expr.transform_down(|expr| {
            let replacement = match self.attribute(&expr)? {
                Some(replacement) => Some(replacement),
                None => match expr.downcast_ref::<Column>() {
                    Some(column) => Some(self.column(column)?),
                    None => None,
                },
            };
            Ok(match replacement {
                // What was put in speaks of stored columns already.
                Some(replacement) => Transformed::new(replacement, true, TreeNodeRecursion::Jump),
                None => Transformed::no(expr),
            })
        })?;
        Ok(rewritten.data)
    }
}

impl Adapter {
    fn stored(&self, name: &str) -> Option<(Arc<dyn PhysicalExpr>, &FieldRef)> {
        let (index, field) = self.stored.fields().find(name)?;
        Some((Arc::new(Column::new(name, index)), field))
    }

    /// `attr(attributes, 'key')` reads the key's own column where the file has one.
    fn attribute(&self, expr: &Arc<dyn PhysicalExpr>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() else { return Ok(None) };
        let Some(kind) = Kind::from_name(call.fun().name()).filter(|kind| kind.is_attr()) else { return Ok(None) };
        let [object, key] = call.args() else { return Ok(None) };
        let is_attributes = object.downcast_ref::<Column>().is_some_and(|column| column.name() == name::ATTRIBUTES);
        let key = key.downcast_ref::<Literal>().and_then(|key| key.value().try_as_str().flatten());
        let (true, Some(key)) = (is_attributes, key) else { return Ok(None) };
        let rest = self.stored(name::ATTRIBUTES).map_or_else(|| null(&DataType::Utf8View), |(rest, _)| Ok(rest))?;
        let (function, args) = match self.stored(&format!("{ATTRIBUTE_PREFIX}{key}")) {
            Some((typed, _)) => (StoredFunction::udf(Stored::Either(kind, key.to_owned())), vec![typed, rest]),
            None => (TextFunction::udf(kind), vec![rest, call.args()[1].clone()]),
        };
        self.call(function, args).map(Some)
    }

    fn column(&self, column: &Column) -> Result<Arc<dyn PhysicalExpr>> {
        let logical = self.logical.field_with_name(column.name())?;
        if column.name() == name::ATTRIBUTES {
            return self.attributes();
        }
        let Some((stored, field)) = self.stored(column.name()) else { return null(logical.data_type()) };
        if field.data_type() == logical.data_type() {
            return Ok(stored);
        }
        if matches!(field.data_type(), DataType::FixedSizeBinary(_)) {
            return self.call(StoredFunction::udf(Stored::Hex), vec![stored]);
        }
        Ok(Arc::new(CastExpr::new(stored, logical.data_type().clone(), None)))
    }

    fn attributes(&self) -> Result<Arc<dyn PhysicalExpr>> {
        let Some((rest, _)) = self.stored(name::ATTRIBUTES) else { return null(&DataType::Utf8View) };
        let mut args = vec![rest];
        let mut keys = Vec::new();
        for (index, field) in self.stored.fields().iter().enumerate() {
            if let Some(key) = key_of(field.name()) {
                keys.push(key.to_owned());
                args.push(Arc::new(Column::new(field.name(), index)));
            }
        }
        self.call(StoredFunction::udf(Stored::Whole(keys)), args)
    }

    fn call(&self, function: ScalarUDF, args: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let schema: &Schema = &self.stored;
        let call = ScalarFunctionExpr::try_new(Arc::new(function), args, schema, Arc::new(ConfigOptions::default()))?;
        Ok(Arc::new(call))
    }
}

fn null(kind: &DataType) -> Result<Arc<dyn PhysicalExpr>> {
    Ok(Arc::new(Literal::new(ScalarValue::try_from(kind)?)))
}
