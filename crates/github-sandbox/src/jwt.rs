//! The JSON Web Tokens by which an app says who it is, refused in GitHub's words.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;

use crate::call::Refusal;
use crate::state::World;

/// GitHub takes no token that expires later than this from now.
const LONGEST: i64 = 600;
/// How far the issuer's clock may be ahead.
const SKEW: i64 = 60;

const UNDECODABLE: &str = "A JSON web token could not be decoded";
const EXPIRED: &str = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which \
                       the assertion expires";
const TOO_FAR: &str = "'Expiration time' claim ('exp') is too far in the future";
const ISSUED_AT: &str = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was \
                         issued";
const ISSUER: &str = "'Issuer' claim ('iss') must be an Integer";

fn refuse(message: &str) -> Refusal {
    Refusal::Status(401, message.to_owned())
}

/// The app that signed this token.
pub(crate) fn app(world: &World, token: Option<&str>, now: DateTime<Utc>) -> Result<u64, Refusal> {
    let undecodable = || refuse(UNDECODABLE);
    let token = token.ok_or_else(undecodable)?;
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(undecodable());
    };
    let json = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
    };
    let header = json(head).ok_or_else(undecodable)?;
    let said = json(claims).ok_or_else(undecodable)?;
    let signature = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).map_err(|_| undecodable())?;
    if header["alg"] != "RS256" {
        return Err(undecodable());
    }
    let issuer = match &said["iss"] {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(refuse(ISSUER)),
    };
    let found = world.apps.values().find(|app| app.id.to_string() == issuer || client_id(app.id) == issuer);
    let app = found.ok_or_else(|| Refusal::Status(404, "Integration not found".to_owned()))?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &app.public_key);
    key.verify(format!("{head}.{claims}").as_bytes(), &signature).map_err(|_| undecodable())?;
    let now = now.timestamp();
    let issued = said["iat"].as_i64().ok_or_else(|| refuse(ISSUED_AT))?;
    if issued > now + SKEW {
        return Err(refuse(ISSUED_AT));
    }
    let expires = said["exp"].as_f64().ok_or_else(|| refuse(EXPIRED))?;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far from 2^52")]
    let ahead = expires - now as f64;
    #[expect(clippy::cast_precision_loss, reason = "ten minutes")]
    if ahead > LONGEST as f64 {
        return Err(refuse(TOO_FAR));
    }
    if ahead <= 0.0 {
        return Err(refuse(EXPIRED));
    }
    Ok(app.id)
}

/// The other name an app may sign with.
pub(crate) fn client_id(app: u64) -> String {
    format!("Iv23li{app:014}")
}

/// The public key in a PEM text: a public key as such, or the one of a private key.
pub(crate) fn public_key(pem: &str) -> anyhow::Result<Vec<u8>> {
    let pem = pem.trim();
    let (label, rest) = pem
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .context("expected a key in PEM")?;
    let (middle, _) = rest.split_once("-----END").context("the PEM has no end")?;
    let base64: String = middle.split_whitespace().collect();
    let der = STANDARD.decode(base64).context("the PEM holds no base64")?;
    let own = |pair: RsaKeyPair| pair.public_key().as_ref().to_vec();
    let unusable = |error| anyhow::anyhow!("no RSA key of at least 2048 bits: {error}");
    match label {
        "RSA PUBLIC KEY" => Ok(der),
        "PUBLIC KEY" => inside_spki(&der).context("expected an RSA public key"),
        "RSA PRIVATE KEY" => Ok(own(RsaKeyPair::from_der(&der).map_err(unusable)?)),
        "PRIVATE KEY" => Ok(own(RsaKeyPair::from_pkcs8(&der).map_err(unusable)?)),
        other => bail!("cannot use a `{other}`"),
    }
}

/// The key within a `SubjectPublicKeyInfo`: a sequence of an algorithm and a bit string.
fn inside_spki(der: &[u8]) -> Option<Vec<u8>> {
    let (whole, _) = value(der, 0x30)?;
    let (_, rest) = value(whole, 0x30)?;
    let (bits, _) = value(rest, 0x03)?;
    bits.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

/// The contents of the DER value at the start, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(*first & 0x7F))?;
        (
            digits
                .iter()
                .try_fold(0_usize, |all, byte| all.checked_mul(256)?.checked_add(usize::from(*byte)))?,
            rest,
        )
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_each_kind_of_pem() {
        let private = public_key(crate::TEST_APP_KEY).expect("the key made for tests");
        assert_eq!(private[0], 0x30);
        // The same key as SubjectPublicKeyInfo: the algorithm, then the key in a bit string.
        let mut spki =
            vec![0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];
        let length = |length: usize| u16::try_from(length).expect("short").to_be_bytes();
        spki.extend([0x03, 0x82]);
        spki.extend(length(private.len() + 1));
        spki.push(0);
        spki.extend(&private);
        let mut whole = vec![0x30, 0x82];
        whole.extend(length(spki.len()));
        whole.extend(spki);
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(whole));
        assert_eq!(public_key(&pem).expect("the same key"), private);
        assert!(public_key("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").is_err());
        assert!(public_key("no key").is_err());
    }
}
