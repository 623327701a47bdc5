//! One transaction type over both databases, and the macros that run one SQL text on either.
//!
//! The SQLite arm of each macro is checked by `rustc` against the schema that `build.rs` makes; the PostgreSQL arm
//! runs the same text. Portable SQL only: no date arithmetic, no `LIKE`, no `SELECT *`, `$n` parameters.

use sqlx::{Postgres, Sqlite, Transaction};

use super::StoreError;

/// A transaction on either database. Dropping it rolls back.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite(_) => "Tx::Sqlite",
            Self::Postgres(_) => "Tx::Postgres",
        })
    }
}

/// A consistent view of the database: everything read through it is of one moment.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) tx: Tx,
}

impl Snapshot {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self.tx {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// `rows!(snapshot, fetch_all, Type, "SELECT …", argument, …)`.
macro_rules! rows {
    ($at:expr, $fetch:ident, $row:ty, $($sql:literal)+ $(, $argument:expr)* $(,)?) => {
        match &mut $at.tx {
            $crate::store::database::Tx::Sqlite(tx) => {
                sqlx::query_as!($row, $($sql +)+ "" $(, $argument)*).$fetch(&mut **tx).await
            }
            $crate::store::database::Tx::Postgres(tx) => {
                sqlx::query_as::<_, $row>(concat!($($sql),+))$(.bind($argument))*.$fetch(&mut **tx).await
            }
        }
    };
}

/// `value!(snapshot, fetch_one, "SELECT …", argument, …)`: one column.
macro_rules! value {
    ($at:expr, $fetch:ident, $($sql:literal)+ $(, $argument:expr)* $(,)?) => {
        match &mut $at.tx {
            $crate::store::database::Tx::Sqlite(tx) => {
                sqlx::query_scalar!($($sql +)+ "" $(, $argument)*).$fetch(&mut **tx).await
            }
            $crate::store::database::Tx::Postgres(tx) => {
                sqlx::query_scalar(concat!($($sql),+))$(.bind($argument))*.$fetch(&mut **tx).await
            }
        }
    };
}

/// `execute!(unit_of_work, "UPDATE …", argument, …)`: the number of rows changed.
macro_rules! execute {
    ($at:expr, $($sql:literal)+ $(, $argument:expr)* $(,)?) => {
        match &mut $at.tx {
            $crate::store::database::Tx::Sqlite(tx) => {
                sqlx::query!($($sql +)+ "" $(, $argument)*).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            $crate::store::database::Tx::Postgres(tx) => {
                sqlx::query(concat!($($sql),+))$(.bind($argument))*.execute(&mut **tx).await
                    .map(|done| done.rows_affected())
            }
        }
    };
}

pub(super) use {execute, rows, value};
