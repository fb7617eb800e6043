//! Tables and columns by name: their order differs between new and migrated databases.

use rusqlite::Connection;
use std::collections::BTreeMap;

/// The tables of a database, each with its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Columns by table, in the order of the table.
    pub tables: BTreeMap<String, Vec<String>>,
}

impl Schema {
    /// Reads the tables; views and virtual tables are left out.
    pub fn read(sql: &Connection) -> rusqlite::Result<Self> {
        let mut names =
            sql.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut columns = sql.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut tables = BTreeMap::new();
        for name in names {
            let list = columns.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            tables.insert(name, list);
        }
        Ok(Self { tables })
    }

    /// Whether there is such a table.
    pub fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether a table has all of these columns.
    pub fn has_all(&self, table: &str, columns: &[&str]) -> bool {
        self.tables.get(table).is_some_and(|own| columns.iter().all(|c| own.iter().any(|o| o == c)))
    }

    /// `column`, or `NULL` under that name where the table has no such column: a query that every version of a table takes.
    pub fn or_null(&self, table: &str, column: &str) -> String {
        if self.has_all(table, &[column]) { quoted(column) } else { format!("NULL AS {}", quoted(column)) }
    }
}

/// A name as SQL takes it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
