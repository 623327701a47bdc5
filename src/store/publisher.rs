//! Who may send: one process per database.
//!
//! A lease would not do, because a tracker cannot check it: a laptop that sleeps in the middle of a request and wakes
//! after its lease ran out would send twice. The kernel releases a file lock when its process dies and not before; on
//! PostgreSQL a session's advisory lock on a connection of its own does the same.

use std::fs::{File, TryLockError};

use sqlx::{Connection, PgConnection};

use super::{Location, Store, StoreError, open::beside};

/// The key of the advisory lock: any number, as long as every version uses the same.
const ADVISORY_KEY: i64 = 0x0f01_10c4_b11c_0001;

/// The right to send. It ends when this is dropped, or when the process dies.
#[derive(Debug)]
pub struct PublisherLock {
    _file: Option<File>,
    connection: Option<PgConnection>,
}

impl PublisherLock {
    /// Whether the right still stands: a lost connection has lost it.
    pub async fn still_held(&mut self) -> bool {
        match &mut self.connection {
            None => true,
            Some(connection) => connection.ping().await.is_ok(),
        }
    }
}

impl Store {
    /// Whether another process sends from this database now, as far as its lock file tells; nothing is made or taken for
    /// the look. A server tells no stranger.
    #[must_use]
    pub fn is_publishing(&self) -> bool {
        let Location::File(path) = &self.location else { return false };
        let Ok(database) = path.canonicalize() else { return false };
        let Ok(file) = File::open(beside(&database, ".publisher.lock")) else { return false };
        // Shared, and given back at once when the file is dropped.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Takes the right to send, unless another process has it.
    ///
    /// # Errors
    /// [`StoreError::File`] when the lock file cannot be made, [`StoreError::Unreachable`] when the server is gone.
    pub async fn try_publisher_lock(&self) -> Result<Option<PublisherLock>, StoreError> {
        match &self.location {
            Location::File(path) => {
                // One database has one lock, by whatever link it was named.
                let database = path
                    .canonicalize()
                    .map_err(|source| StoreError::File { path: path.display().to_string(), source })?;
                let path = beside(&database, ".publisher.lock");
                let file_error = |source| StoreError::File { path: path.display().to_string(), source };
                let file = File::options()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(&path)
                    .map_err(file_error)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(PublisherLock { _file: Some(file), connection: None })),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(source)) => Err(file_error(source)),
                }
            }
            Location::Server(_) => {
                let pool = self.postgres().expect("a server location has a PostgreSQL pool");
                // A connection of its own: one from the pool could be given back while the lock is held.
                let mut connection = PgConnection::connect_with(&pool.connect_options())
                    .await
                    .map_err(StoreError::Unreachable)?;
                let is_mine: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
                    .bind(ADVISORY_KEY)
                    .fetch_one(&mut connection)
                    .await?;
                Ok(is_mine.then_some(PublisherLock { _file: None, connection: Some(connection) }))
            }
        }
    }
}
