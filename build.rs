//! Makes a database with the newest schema, against which `rustc` checks every query of the store.
//!
//! Nothing of it is committed, so it cannot grow stale. A new migration must rebuild the crate: the macros do not
//! see it by themselves.

use std::{env, error::Error, fs, path::PathBuf};

use sqlx::{ConnectOptions, migrate::Migrator, sqlite::SqliteConnectOptions};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=sqlx.toml");
    let migrations = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("migrations/sqlite");
    let schema = PathBuf::from(env::var("OUT_DIR")?).join("schema.db");
    if schema.exists() {
        fs::remove_file(&schema)?;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut connection =
            SqliteConnectOptions::new().filename(&schema).create_if_missing(true).connect().await?;
        Migrator::new(migrations).await?.run(&mut connection).await?;
        Ok::<_, Box<dyn Error>>(())
    })?;
    println!("cargo::rustc-env=FOLLOWUP_SCHEMA_URL=sqlite://{}", schema.display());
    Ok(())
}
