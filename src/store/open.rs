//! Opening a database: where it is, its pools, its migrations.
//!
//! Invariant: a SQLite database has one writing connection and readers that cannot write. A database that a newer
//! program made is refused before anything is touched; one that is older is backed up before it is migrated.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgPool, SqliteConnection, SqlitePool,
    migrate::{Migrate, Migrator},
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Snapshot, Stamp, StoreError, UnitOfWork,
    database::{Tx, value},
};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a writer waits for another program's transaction before it says that the database is locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL server and database.
    Server(String),
}

impl Location {
    /// The same place, with a relative file taken from `folder`.
    #[must_use]
    pub fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Server(url) => Self::Server(url),
        }
    }
}

impl FromStr for Location {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || StoreError::BadLocation(without_secrets(text));
        match text.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Server(text.to_owned())),
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                let path = path.split_once('?').map_or(path, |(path, _)| path);
                if path.is_empty() || path == ":memory:" { Err(bad()) } else { Ok(Self::File(path.into())) }
            }
            _ if text.is_empty() || text.contains("://") => Err(bad()),
            _ => Ok(Self::File(text.into())),
        }
    }
}

/// Prints the place without what signs in to it.
impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Server(url) => formatter.write_str(&without_secrets(url)),
        }
    }
}

/// An address with its scheme, host and path, and no more: a password can stand before the host and behind the path.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return match text.split_once(':') {
            Some((scheme @ ("postgres" | "postgresql"), _)) => format!("{scheme}:…"),
            _ => text.to_owned(),
        };
    };
    let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    match place.rsplit_once('@') {
        Some((_, place)) => format!("{scheme}://{place}"),
        // This may be the middle of a password.
        None if query.contains('@') => format!("{scheme}://…"),
        None => format!("{scheme}://{place}"),
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Location({self})")
    }
}

/// What a command wants of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look only: the database must be there, and nothing is written.
    Read,
    /// Change it: the database must be there, and is migrated.
    Write,
    /// Change it, and make it where there is none.
    Create,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) location: Location,
    pub(super) pool: Pool,
}

#[derive(Clone, Debug)]
pub(super) enum Pool {
    /// `write` is empty for a store that was opened to look only.
    Sqlite {
        write: Option<SqlitePool>,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database at `location`.
    ///
    /// # Errors
    /// [`StoreError`] when it is not there, is locked, cannot be written, is no database, or is newer than this
    /// program.
    pub async fn open(location: Location, access: Access) -> Result<Self, StoreError> {
        let pool = match &location {
            Location::File(path) => open_file(path, access).await?,
            Location::Server(url) => {
                let options =
                    PgPoolOptions::new().max_connections(5).acquire_timeout(Duration::from_secs(10));
                let pool = options.connect(url).await.map_err(StoreError::Unreachable)?;
                let mut connection = pool.acquire().await?;
                let applied = applied(&mut *connection).await?;
                drop(connection);
                if pending(&POSTGRES, &applied)? {
                    // sqlx takes an advisory lock, so that several replicas can start at once.
                    POSTGRES.run(&pool).await.map_err(|source| StoreError::of_migration(None, source))?;
                }
                Pool::Postgres(pool)
            }
        };
        let store = Self { location, pool };
        if access != Access::Read {
            store.ensure_identity().await?;
        }
        Ok(store)
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// A view of the present moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn read(&self) -> Result<Snapshot, StoreError> {
        let tx = match &self.pool {
            Pool::Sqlite { read, .. } => Tx::Sqlite(read.begin_with("BEGIN").await?),
            Pool::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Snapshot { tx })
    }

    /// Begins a unit of work, whose events carry `stamp`. It waits for other writers.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another writer does not end in time, [`StoreError::ReadOnly`] when the store was
    /// opened to look only.
    pub async fn begin(&self, stamp: &Stamp) -> Result<UnitOfWork, StoreError> {
        let tx = match &self.pool {
            // A plain BEGIN that reads before it writes fails when another writer came between; the busy timeout
            // does not apply to that. IMMEDIATE takes the write lock at once, and waits for it.
            Pool::Sqlite { write: Some(write), .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Sqlite { write: None, .. } => return Err(StoreError::ReadOnly),
            // Writers take turns here as well: the end of the history is locked first, so that nobody decides on what
            // another one is changing, and no two wait for each other.
            Pool::Postgres(pool) => {
                let mut tx = pool.begin_with("BEGIN").await?;
                sqlx::query("UPDATE event_head SET seq = seq WHERE id = 1").execute(&mut *tx).await?;
                Tx::Postgres(tx)
            }
        };
        Ok(UnitOfWork::new(Snapshot { tx }, stamp.clone()))
    }

    pub(super) fn postgres(&self) -> Option<&PgPool> {
        match &self.pool {
            Pool::Sqlite { .. } => None,
            Pool::Postgres(pool) => Some(pool),
        }
    }

    /// Closes the connections; SQLite folds its log back into the file.
    pub async fn close(self) {
        match self.pool {
            Pool::Sqlite { write, read } => {
                read.close().await;
                if let Some(write) = write {
                    write.close().await;
                }
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// The newest migration that was applied.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn schema_version(&self) -> Result<i64, StoreError> {
        #[derive(sqlx::FromRow)]
        struct Version {
            version: i64,
        }
        let mut snapshot = self.read().await?;
        let newest = match &mut snapshot.tx {
            Tx::Sqlite(tx) => sqlx::query_as::<_, Version>(NEWEST).fetch_one(&mut **tx).await?,
            Tx::Postgres(tx) => sqlx::query_as::<_, Version>(NEWEST).fetch_one(&mut **tx).await?,
        };
        Ok(newest.version)
    }

    /// Whether the file is sound, as SQLite's own check sees it; always so for a server.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn is_sound(&self) -> Result<bool, StoreError> {
        match &mut self.read().await?.tx {
            Tx::Sqlite(tx) => {
                let answer: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut **tx).await?;
                Ok(answer == "ok")
            }
            Tx::Postgres(_) => Ok(true),
        }
    }

    /// How many rows a table of people's interest has: reports, actions, events.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let mut snapshot = self.read().await?;
        Ok(Counts {
            reports: value!(snapshot, fetch_one, "SELECT count(*) FROM reports")?,
            actions: value!(snapshot, fetch_one, "SELECT count(*) FROM actions")?,
            events: value!(snapshot, fetch_one, "SELECT seq FROM event_head")?,
        })
    }
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Reports.
    pub reports: i64,
    /// Actions.
    pub actions: i64,
    /// Events.
    pub events: i64,
}

/// The library's own table of applied migrations.
const NEWEST: &str = "SELECT max(version) AS version FROM _sqlx_migrations";

async fn open_file(path: &Path, access: Access) -> Result<Pool, StoreError> {
    let file_error = |source| StoreError::File { path: path.display().to_string(), source };
    if !path.exists() {
        if access != Access::Create {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        create_private(path).map_err(file_error)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(200);
    let readers = || {
        // Rows come from a thread of their own; with the default of 50 a long list is mostly switching between the two.
        // The room is made for every statement, so the writer, with its many small ones, has the default.
        let options = options.clone().read_only(true).row_buffer_size(1_000);
        SqlitePoolOptions::new().max_connections(4).connect_lazy_with(options)
    };
    // Whose file it is comes first, with a connection that cannot write: switching to the log is a change already.
    let mut read = readers();
    let mut connection = read.acquire().await?;
    let found = applied(&mut *connection).await?;
    let is_blank = is_blank(&mut connection).await?;
    drop(connection);
    let is_current = !pending(&SQLITE, &found)?;
    if access == Access::Read && is_blank {
        return Err(StoreError::Missing(path.display().to_string()));
    }
    if access == Access::Read && is_current {
        return Ok(Pool::Sqlite { write: None, read });
    }
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone().journal_mode(SqliteJournalMode::Wal))
        .await?;
    if !is_current {
        read.close().await;
        let mut connection = write.acquire().await?;
        migrate(&mut connection, &options, path).await?;
        read = readers();
    }
    Ok(Pool::Sqlite { write: Some(write), read })
}

/// Whether nothing is in the file yet; an error when it is another program's.
async fn is_blank(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    // The table of migrations is no sign: other programs use the same library.
    let sql = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               AND name <> '_sqlx_migrations'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    if !names.is_empty() && !names.iter().any(|name| name == "event_head") {
        return Err(StoreError::NotOurs);
    }
    Ok(names.is_empty())
}

/// Brings the schema up to date, with a copy of the file as it was.
async fn migrate(
    connection: &mut SqliteConnection,
    options: &SqliteConnectOptions,
    path: &Path,
) -> Result<(), StoreError> {
    // Another program may be doing the same: nobody writes while the copy is made, so that it never is one of a
    // database that was migrated already.
    let mut held = connection.begin_with("BEGIN IMMEDIATE").await?;
    let applied = applied(&mut *held).await?;
    let backup = match applied.last() {
        Some(newest) if pending(&SQLITE, &applied)? => Some(back_up(options, path, newest + 1).await?),
        _ => None,
    };
    held.rollback().await?;
    SQLITE.run(connection).await.map_err(|source| StoreError::of_migration(backup, source))
}

/// Copies the database to `FILE.before-migration-N`, and gives that name. A copy that is there is replaced, and only by
/// a whole one.
async fn back_up(options: &SqliteConnectOptions, path: &Path, migration: i64) -> Result<PathBuf, StoreError> {
    let copy = beside(path, &format!(".before-migration-{migration}"));
    let partial = beside(&copy, ".partial");
    let file_error = |source| StoreError::File { path: partial.display().to_string(), source };
    match fs::remove_file(&partial) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed.map_err(file_error)?,
    }
    // SQLite takes an empty file, and keeps its permissions.
    create_private(&partial).map_err(file_error)?;
    let mut connection = options.clone().read_only(true).connect().await?;
    sqlx::query("VACUUM INTO $1").bind(partial.display().to_string()).execute(&mut connection).await?;
    connection.close().await?;
    File::open(&partial).and_then(|file| file.sync_all()).map_err(file_error)?;
    fs::rename(&partial, &copy).map_err(file_error)?;
    Ok(copy)
}

/// The file beside `path` whose name goes on with `ending`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes the file readable for its owner only: it holds the key of the markers.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// The migrations that the database has, oldest first; none for an empty database.
async fn applied<C: Migrate>(connection: &mut C) -> Result<Vec<i64>, StoreError> {
    const TABLE: &str = "_sqlx_migrations";
    match connection.list_applied_migrations(TABLE).await {
        Ok(migrations) => {
            let mut versions: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
            versions.sort_unstable();
            Ok(versions)
        }
        // No such table: nothing was ever applied. Anything else comes back when the migration is tried.
        Err(sqlx::migrate::MigrateError::Execute(error)) => match StoreError::from(error) {
            StoreError::Failed(_) => Ok(Vec::new()),
            error => Err(error),
        },
        Err(source) => Err(StoreError::Migration { backup: None, source }),
    }
}

/// Whether migrations are missing; an error when the database has one that this program does not know.
fn pending(migrator: &Migrator, applied: &[i64]) -> Result<bool, StoreError> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    match applied.last() {
        Some(&found) if found > known => Err(StoreError::Newer { found, known }),
        Some(&found) => Ok(found < known),
        None => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_people_write_it() {
        let file = |path: &str| Location::File(path.into());
        for (text, expected) in [
            ("sqlite://followup.db", file("followup.db")),
            ("sqlite:followup.db", file("followup.db")),
            ("sqlite:///var/lib/followup.db?mode=rwc", file("/var/lib/followup.db")),
            ("followup.db", file("followup.db")),
            ("postgres://u:p@h/d", Location::Server("postgres://u:p@h/d".to_owned())),
        ] {
            assert_eq!(text.parse::<Location>().unwrap(), expected, "{text}");
        }
        for text in ["", "mysql://h/d", "sqlite://", "sqlite::memory:"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        for (text, printed) in [
            ("postgres://user:secret@db.acme.example/followup", "postgres://db.acme.example/followup"),
            (
                "postgres://db.acme.example/followup?user=u&password=secret",
                "postgres://db.acme.example/followup",
            ),
            ("postgres://db.acme.example/followup?password=secret@x", "postgres://…"),
            ("postgres://user:sec?ret=secret@db.acme.example/followup", "postgres://…"),
            (
                "postgres://user:se@cret@db.acme.example:5432/followup",
                "postgres://db.acme.example:5432/followup",
            ),
            ("postgres:user:secret", "postgres:…"),
        ] {
            let location: Location = text.parse().unwrap();
            assert_eq!(location.to_string(), printed);
            assert_eq!(format!("{location:?}"), format!("Location({printed})"));
        }
        for text in ["Postgres://user:secret@h/d", "mysql://h/d?password=secret"] {
            let refused = text.parse::<Location>().unwrap_err();
            assert!(!format!("{refused} {refused:?}").contains("secret"), "{refused:?}");
        }
    }

    #[tokio::test]
    async fn the_copy_before_a_migration_is_whole_private_and_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("followup.db");
        Store::open(Location::File(path.clone()), Access::Create).await.unwrap().close().await;
        let options = SqliteConnectOptions::new().filename(&path);
        // A run that was killed left half a copy; one that was killed later left a whole one.
        fs::write(folder.path().join("followup.db.before-migration-2.partial"), "half").unwrap();
        for _ in 0..2 {
            let copy = back_up(&options, &path, 2).await.unwrap();
            assert_eq!(copy, folder.path().join("followup.db.before-migration-2"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
            }
            let store = Store::open(Location::File(copy), Access::Read).await.unwrap();
            assert!(store.is_sound().await.unwrap());
            store.close().await;
            assert!(!folder.path().join("followup.db.before-migration-2.partial").exists());
        }
    }
}
