//! An update, put together from the parts of its document.

use std::borrow::Cow;

use super::visit::{Part, Relation};
use super::{Clause, Update, UpdateType};
use crate::id::{UpdateId, UpdateKey};

impl<'x> Update<'x> {
    pub(crate) fn empty() -> Self {
        Self {
            key: UpdateKey::new(UpdateId::from_u128(0), 0),
            update_type: UpdateType::default(),
            properties: Vec::new(),
            kb_articles: Vec::new(),
            bulletins: Vec::new(),
            cves: Vec::new(),
            support_url: None,
            more_info_url: None,
            languages: Vec::new(),
            installation: None,
            uninstallation: None,
            readiness: None,
            secured_fragments: Vec::new(),
            localized: Vec::new(),
            eula_files: Vec::new(),
            prerequisites: Vec::new(),
            bundled: Vec::new(),
            superseded: Vec::new(),
            files: Vec::new(),
            drivers: Vec::new(),
            applicability_rules: None,
            handler_data: None,
            namespaces: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Takes the next part of the document. Of what should be there once the first one
    /// counts; lists are joined.
    pub(crate) fn take(&mut self, part: Part<'x>) {
        match part {
            Part::Namespace { prefix, uri } => {
                self.namespaces.push((Cow::Borrowed(prefix), Cow::Owned(uri)));
            }
            Part::Identity(key) => self.key = key,
            Part::Properties => self.properties = Vec::with_capacity(PROPERTIES),
            Part::Property { name, value } => {
                if name == "UpdateType" {
                    self.update_type = UpdateType::from_text(value.clone());
                }
                self.properties.push((Cow::Borrowed(name), value));
            }
            Part::KbArticle(text) => self.kb_articles.push(text),
            Part::Bulletin(text) => self.bulletins.push(text),
            Part::Cve(text) => self.cves.push(text),
            Part::Language(text) => self.languages.push(text),
            Part::SupportUrl(text) => {
                self.support_url.get_or_insert(text);
            }
            Part::MoreInfoUrl(text) => {
                self.more_info_url.get_or_insert(text);
            }
            Part::Installation(behavior) => {
                self.installation.get_or_insert(behavior);
            }
            Part::Uninstallation(behavior) => {
                self.uninstallation.get_or_insert(behavior);
            }
            Part::Readiness(readiness) => {
                self.readiness.get_or_insert(readiness);
            }
            Part::SecuredFragment(name) => self.secured_fragments.push(name),
            Part::Localized(local) => {
                if self.localized.is_empty() {
                    self.localized.reserve(LANGUAGES);
                }
                self.localized.push(local);
            }
            Part::EulaFile(file) => self.eula_files.push(file),
            Part::Clause { relation, is_category } => {
                self.clauses(relation).push(Clause { any: Vec::new(), is_category });
            }
            Part::Member { relation, id, revision } => {
                if let Some(clause) = self.clauses(relation).last_mut() {
                    clause.any.push((id, revision));
                }
            }
            Part::Superseded(id) => self.superseded.push(id),
            Part::File(file) => self.files.push(file),
            Part::Driver(driver) => self.drivers.push(driver),
            Part::Rules(rules) => self.applicability_rules = Some(rules),
            Part::Handler(data) => self.handler_data = Some(data),
            Part::Extension(extension) => self.extensions.push(extension),
        }
    }

    fn clauses(&mut self, relation: Relation) -> &mut Vec<Clause> {
        match relation {
            Relation::Prerequisites => &mut self.prerequisites,
            Relation::Bundled => &mut self.bundled,
        }
    }
}

/// As many attributes and languages as most documents have, so that lists of them are made once.
const PROPERTIES: usize = 8;
const LANGUAGES: usize = 12;
