//! What this database is: an identity, and the key that its markers are signed with.

use ring::rand::{SecureRandom, SystemRandom};
use ulid::Ulid;

use super::{
    Snapshot, Store, StoreError, UnitOfWork,
    database::{execute, value},
};

/// The identity of a database. Its key never leaves it.
#[derive(Clone)]
pub struct Identity {
    /// A ULID that no other database has.
    pub database: String,
    /// The key of the MACs in the markers.
    pub marker_key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Store {
    /// Gives a new database its identity.
    pub(super) async fn ensure_identity(&self) -> Result<(), StoreError> {
        if self.read().await?.setting("database").await?.is_some() {
            return Ok(());
        }
        let mut work = self.begin(&super::Stamp::of_import_at_opening()).await?;
        let ulid = work.new_ulid();
        work.ensure_setting("database", &ulid).await?;
        work.ensure_setting("marker_key", &hex(&random::<32>())).await?;
        work.commit().await
    }
}

impl Snapshot {
    async fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(value!(self, fetch_optional, "SELECT value FROM settings WHERE name = $1", name)?)
    }

    /// Who this database is.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn identity(&mut self) -> Result<Identity, StoreError> {
        let missing = || StoreError::Failed(sqlx::Error::RowNotFound);
        let database = self.setting("database").await?.ok_or_else(missing)?;
        let key = self.setting("marker_key").await?.ok_or_else(missing)?;
        Ok(Identity { database, marker_key: key.into_bytes() })
    }
}

impl UnitOfWork {
    async fn ensure_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            name,
            value
        )?;
        Ok(())
    }

    /// A new identity: the moment at which it is recorded, then 80 random bits.
    #[must_use]
    pub fn new_ulid(&self) -> String {
        let time = u64::try_from(self.stamp.recorded_at.timestamp_millis()).unwrap_or(0);
        let random = random::<10>().iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        Ulid::from_parts(time, random).to_string()
    }

    /// The next number of a kind, without gaps. The update makes other writers of this kind wait; the new value is stored
    /// when the unit of work is committed.
    pub(super) async fn next_number(&mut self, counter: &'static str) -> Result<i64, StoreError> {
        let last = match self.counters.get(counter) {
            Some(last) => *last,
            None => value!(
                self,
                fetch_one,
                "UPDATE counters SET value = value WHERE name = $1 RETURNING value",
                counter
            )?,
        };
        self.counters.insert(counter, last + 1);
        Ok(last + 1)
    }

    /// Stores the numbers that this unit of work took.
    pub(super) async fn store_counters(&mut self) -> Result<(), StoreError> {
        for (counter, last) in std::mem::take(&mut self.counters) {
            execute!(self, "UPDATE counters SET value = $1 WHERE name = $2", last, counter)?;
        }
        Ok(())
    }
}

/// Random bytes from the operating system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let digit =
            |nibble: u8| char::from_digit(u32::from(nibble), 16).expect("a nibble is a hexadecimal digit");
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
        text
    })
}
