//! The search language.

pub mod functions;
pub mod text;
/// Filter.
#[derive(Clone, Debug)]
pub struct Expr(pub String);
/// Pipe.
#[derive(Clone, Debug)]
pub struct Pipe;
/// Query.
#[derive(Clone, Debug)]
pub struct Query {
    /// f
    pub filter: Expr,
    /// p
    pub pipes: Vec<Pipe>,
}
impl Query {
    /// w
    pub fn where_sql(&self, _: model::Table, _: i64) -> String {
        self.filter.0.clone()
    }
}
