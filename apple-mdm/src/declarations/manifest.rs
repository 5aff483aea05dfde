//! The set of declarations for one device, its manifest and its token.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::declaration::{Declaration, Kind, Payload};
use super::error::{Error, ErrorKind};
use super::fields::{Field, dictionary};
use super::identity::{Identifier, ServerToken};
use crate::json::{self, Object, Value};

dictionary! {
    /// One line of a manifest.
    pub struct ManifestItem {
        /// The declaration.
        "Identifier" => identifier: Identifier,
        /// Its revision.
        "ServerToken" => server_token: ServerToken,
    }
}

dictionary! {
    /// The lines of a manifest, by kind.
    #[derive(Default)]
    pub struct ManifestDeclarations {
        /// The activations.
        "Activations" => activations: Vec<ManifestItem>,
        /// The configurations.
        "Configurations" => configurations: Vec<ManifestItem>,
        /// The assets.
        "Assets" => assets: Vec<ManifestItem>,
        /// The management declarations.
        "Management" => management: Vec<ManifestItem>,
    }
}

dictionary! {
    /// Which declarations there are: the answer to `declaration-items`
    /// (declarationitemsresponse).
    pub struct Manifest {
        /// The declarations.
        "Declarations" => declarations: ManifestDeclarations,
        /// The revision of all of them together.
        "DeclarationsToken" => declarations_token: ServerToken,
    }
}

dictionary! {
    /// The revision of a set, and when the server said so.
    pub struct SyncTokens {
        /// The revision: the same as in the manifest.
        "DeclarationsToken" => declarations_token: ServerToken,
        /// The server's time, `yyyy-mm-ddThh:mm:ssZ`.
        "Timestamp" => timestamp: String,
    }
}

dictionary! {
    /// Whether anything is new: the answer to `tokens`, and the data of the command
    /// DeclarativeManagement (tokensresponse).
    pub struct TokensResponse {
        /// The tokens.
        "SyncTokens" => sync_tokens: SyncTokens,
    }
}

macro_rules! document {
    ($type:ident) => {
        impl $type {
            /// Appends the JSON to `out`.
            pub fn encode(&self, out: &mut Vec<u8>) {
                self.write().encode(out);
            }

            /// Reads it, as a device does.
            ///
            /// # Errors
            /// [`ErrorKind::Json`], [`ErrorKind::Missing`] and [`ErrorKind::Type`].
            pub fn decode(bytes: &[u8], limits: &json::Limits) -> Result<Self, Error> {
                let value = json::decode(bytes, limits)?;
                <Self as Field>::read(&value).map_err(|wrong| wrong.into_error(bytes))
            }

            /// What this crate does not know in it.
            #[must_use]
            pub fn unknown(&self) -> Vec<super::Unknown> {
                let mut out = Vec::new();
                Field::unknown(self, "", &mut out);
                out
            }
        }
    };
}

document!(Manifest);
document!(TokensResponse);

impl Manifest {
    /// The lines with their kinds.
    pub fn items(&self) -> impl Iterator<Item = (Kind, &ManifestItem)> {
        let lists = &self.declarations;
        let of = |kind: Kind| move |item| (kind.clone(), item);
        let management = lists.management.iter().map(of(Kind::Management));
        let assets = lists.assets.iter().map(of(Kind::Asset));
        let configurations = lists.configurations.iter().map(of(Kind::Configuration));
        let activations = lists.activations.iter().map(of(Kind::Activation));
        management.chain(assets).chain(configurations).chain(activations)
    }
}

/// What is wrong with a set as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SetFinding {
    /// An activation names a configuration that is not there: the device reports
    /// `Error.MissingConfigurations`.
    MissingConfiguration {
        /// The activation.
        activation: Identifier,
        /// The configuration.
        configuration: Identifier,
    },
    /// No activation names this configuration: it does nothing (`Info.NotReferencedByActivation`).
    NotReferenced(Identifier),
}

/// The declarations for one device: no identifier twice, in the order of identifiers, so that two
/// nodes of a server give the same token.
///
/// ```
/// use apple_mdm::declarations::{
///     ActivationSimple, Declaration, DeclarationSet, EnforcementSpecific, Payload,
/// };
///
/// let update = EnforcementSpecific::new("26.1".parse()?, "2026-01-20T18:00:00".parse()?);
/// let update = Declaration::new("update".parse()?, Payload::Enforcement(update));
/// let activation = ActivationSimple::new(vec![update.identifier().clone()]);
/// let activation = Declaration::new("activate".parse()?, Payload::Activation(activation));
/// let set = DeclarationSet::new([update, activation])?;
/// assert!(set.findings().is_empty());
/// assert_eq!(set.manifest().declarations_token, set.token());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<Declaration>"))]
pub struct DeclarationSet(Vec<Declaration>);

/// What was stored may have been put in order by somebody else.
impl TryFrom<Vec<Declaration>> for DeclarationSet {
    type Error = Error;

    fn try_from(declarations: Vec<Declaration>) -> Result<Self, Error> {
        Self::new(declarations)
    }
}

impl DeclarationSet {
    /// The set of these declarations.
    ///
    /// # Errors
    /// [`ErrorKind::Duplicate`].
    pub fn new(declarations: impl IntoIterator<Item = Declaration>) -> Result<Self, Error> {
        let mut all: Vec<Declaration> = declarations.into_iter().collect();
        all.sort_by(|one, other| one.identifier().cmp(other.identifier()));
        for pair in all.windows(2) {
            if let [one, other] = pair
                && one.identifier() == other.identifier()
            {
                let name = one.identifier().as_str().chars().take(64).collect();
                return Err(ErrorKind::Duplicate(name).into());
            }
        }
        Ok(Self(all))
    }

    /// The declarations, in the order of their identifiers.
    #[must_use]
    pub fn declarations(&self) -> &[Declaration] {
        &self.0
    }

    /// The declaration of this identifier.
    #[must_use]
    pub fn get(&self, identifier: &str) -> Option<&Declaration> {
        let find = |known: &Declaration| known.identifier().as_str().cmp(identifier);
        self.0.binary_search_by(find).ok().and_then(|at| self.0.get(at))
    }

    /// Puts a declaration in; gives the one of the same identifier that was there.
    pub fn insert(&mut self, declaration: Declaration) -> Option<Declaration> {
        match self.0.binary_search_by(|known| known.identifier().cmp(declaration.identifier())) {
            Ok(at) => self.0.get_mut(at).map(|place| std::mem::replace(place, declaration)),
            Err(at) => {
                self.0.insert(at, declaration);
                None
            }
        }
    }

    /// Takes a declaration out.
    pub fn remove(&mut self, identifier: &str) -> Option<Declaration> {
        let find = |known: &Declaration| known.identifier().as_str().cmp(identifier);
        self.0.binary_search_by(find).ok().map(|at| self.0.remove(at))
    }

    /// The revision of the set: it changes when a declaration comes, goes or changes.
    #[must_use]
    pub fn token(&self) -> ServerToken {
        let mut content = Vec::new();
        for declaration in &self.0 {
            // Lengths first, so that no two sets have the same bytes.
            for text in [declaration.identifier().as_str(), declaration.server_token().as_str()] {
                content.extend(text.len().to_string().bytes());
                content.push(b':');
                content.extend(text.bytes());
            }
        }
        ServerToken::of(&content)
    }

    /// The manifest: the answer to `declaration-items`. Declarations of kinds that Apple does not
    /// have are not in it.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let mut lists = ManifestDeclarations::default();
        for declaration in &self.0 {
            let item = ManifestItem {
                identifier: declaration.identifier().clone(),
                server_token: declaration.server_token().clone(),
                unknown: Object::new(),
            };
            match declaration.kind() {
                Kind::Activation => lists.activations.push(item),
                Kind::Asset => lists.assets.push(item),
                Kind::Configuration => lists.configurations.push(item),
                Kind::Management => lists.management.push(item),
                Kind::Other(_) => {}
            }
        }
        let declarations_token = self.token();
        Manifest { declarations: lists, declarations_token, unknown: Object::new() }
    }

    /// The tokens: the answer to `tokens`.
    #[must_use]
    pub fn tokens(&self, now: DateTime<Utc>) -> TokensResponse {
        let sync_tokens = SyncTokens {
            declarations_token: self.token(),
            timestamp: now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            unknown: Object::new(),
        };
        TokensResponse { sync_tokens, unknown: Object::new() }
    }

    /// What is wrong with the set as a whole.
    #[must_use]
    pub fn findings(&self) -> Vec<SetFinding> {
        let mut findings = Vec::new();
        let mut named = BTreeSet::new();
        for declaration in &self.0 {
            let Payload::Activation(activation) = declaration.payload() else { continue };
            for configuration in &activation.standard_configurations {
                named.insert(configuration.as_str());
                let there = self.get(configuration.as_str());
                if there.is_none_or(|found| found.kind() != Kind::Configuration) {
                    findings.push(SetFinding::MissingConfiguration {
                        activation: declaration.identifier().clone(),
                        configuration: configuration.clone(),
                    });
                }
            }
        }
        for declaration in &self.0 {
            let identifier = declaration.identifier();
            if declaration.kind() == Kind::Configuration && !named.contains(identifier.as_str()) {
                findings.push(SetFinding::NotReferenced(identifier.clone()));
            }
        }
        findings
    }
}

/// The documents of the protocol as values, for who wants to add keys.
impl From<&Manifest> for Value {
    fn from(manifest: &Manifest) -> Self {
        manifest.write()
    }
}
