//! A database of each kind for one story: a SQLite file, or a PostgreSQL database on the server that the run was told of.

use followup::store::{Access, Location, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// Names the server, as `cargo xtask test` and `cargo xtask postgres` do.
const VARIABLE: &str = "FOLLOWUP_TEST_POSTGRES";

/// An open database that ends with its story.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) store: Store,
    location: Location,
    _folder: Option<TempDir>,
    /// The server to drop it from, and its name there.
    on_server: Option<(String, String)>,
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("followup.db"));
        let store = Store::open(location.clone(), Access::Create).await.unwrap();
        Self { store, location, _folder: Some(folder), on_server: None }
    }

    pub(crate) async fn postgres() -> Self {
        let server = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!("{VARIABLE} is not set; run this as `cargo xtask postgres -- cargo nextest run --test it store`")
        });
        let name = format!("it_{}", ulid::Ulid::generate().to_string().to_lowercase());
        on_server(&server, format!("CREATE DATABASE {name}")).await;
        let (before, _) = server.rsplit_once('/').unwrap();
        let location = Location::Server(format!("{before}/{name}"));
        let store = Store::open(location.clone(), Access::Create).await.unwrap();
        Self { store, location, _folder: None, on_server: Some((server, name)) }
    }

    /// Another process on the same database.
    pub(crate) async fn another_process(&self) -> Store {
        Store::open(self.location.clone(), Access::Write).await.unwrap()
    }

    pub(crate) async fn ends(self) {
        self.store.close().await;
        if let Some((server, name)) = self.on_server {
            on_server(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn on_server(url: &str, sql: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Tells each story on both databases.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $story() {
                let database = $crate::database::Database::sqlite().await;
                super::$story(&database).await;
                database.ends().await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $story() {
                let database = $crate::database::Database::postgres().await;
                super::$story(&database).await;
                database.ends().await;
            })+
        }
    };
}
pub(crate) use on_both;
