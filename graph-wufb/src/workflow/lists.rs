//! Lists: which page comes next, and what applies to the devices.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::{Event, Offer};
use super::receive::Then;
use super::state::{Job, List, State, clip};
use crate::error::{Error, ErrorKind, LimitKind};
use crate::models::{ApplicableContent, CatalogEntry, Model};
use crate::requests::next_page;
use crate::response::{Page, Response};

impl State {
    pub(super) fn bound(&self, objects: usize) -> Result<(), Error> {
        over(objects, self.plan.objects)
    }

    /// The next page, vetted: same origin, another page than this one, and not too many.
    pub(super) fn more<T: Model>(
        &self,
        list: &List,
        page: &Page<T>,
    ) -> Result<Option<List>, Error> {
        let Some(link) = &page.next_link else { return Ok(None) };
        let target = next_page(&self.plan.origin, link)?.target;
        if list.target.as_ref() == Some(&target) {
            return Err(ErrorKind::LinkLoop.into());
        }
        let pages = list.pages.saturating_add(1);
        if pages >= self.plan.pages {
            let limit = usize::try_from(self.plan.pages).unwrap_or(usize::MAX);
            return Err(ErrorKind::Limit { what: LimitKind::List, limit }.into());
        }
        Ok(Some(List { target: Some(target), pages }))
    }

    pub(super) fn content(
        &mut self,
        now: DateTime<Utc>,
        list: &List,
        response: &Response,
    ) -> Result<Then, Error> {
        let page = response.page::<ApplicableContent>()?;
        let more = self.more(list, &page)?;
        for item in page.items {
            self.offered(item)?;
        }
        if let Some(list) = more {
            return Ok(Then::Go(Job::ListContent { list }, None));
        }
        let gone: Vec<_> = self
            .offers
            .iter()
            .filter(|(_, offer)| offer.round != self.rounds)
            .map(|(entry, _)| entry.clone())
            .collect();
        for entry in gone {
            let gone = self.offers.remove(&entry);
            self.matches -= gone.map_or(0, |offer| offer.devices.len()).min(self.matches);
            self.event(Event::ContentGone { entry });
        }
        self.look_after(now, self.rounds.saturating_add(1));
        Ok(Then::Over)
    }

    fn offered(&mut self, item: ApplicableContent) -> Result<(), Error> {
        let Some(entry) = item.entry_id() else { return Ok(()) };
        let mut found: BTreeSet<_> = item
            .matched_devices
            .items()
            .iter()
            .filter_map(|matched| matched.device_id.get())
            // Our spelling of the ID, which is as long as the vendor made it.
            .filter_map(|id| self.devices.get_key_value(id).map(|(id, _)| id.clone()))
            .collect();
        let (round, known) = (self.rounds, self.offers.get_mut(&entry));
        let before = known.as_ref().map_or(0, |offer| offer.devices.len());
        let unchanged = match &known {
            // One update may be spread over pages.
            Some(offer) if offer.round == round => {
                found.retain(|device| !offer.devices.contains(device));
                found.is_empty()
            }
            Some(offer) => offer.devices == found,
            None => false,
        };
        let extends = known.as_ref().is_some_and(|offer| offer.round == round);
        let after = if extends { before + found.len() } else { found.len() };
        let matches = self.matches - before.min(self.matches) + after;
        over(matches, self.plan.matches)?;
        let read = item.catalog_entry.into_option();
        let name = read.as_ref().map_or("", |entry| entry.display_name());
        let name = clip(name, 256);
        let read = read.filter(|entry| bytes(entry) <= self.plan.entry_bytes);
        match known {
            Some(offer) if extends => offer.devices.extend(found),
            Some(offer) => {
                (offer.round, offer.devices) = (round, found);
                offer.entry = read;
            }
            None => {
                over(self.offers.len() + 1, self.plan.objects)?;
                self.offers.insert(entry.clone(), Offer { entry: read, devices: found, round });
            }
        }
        self.matches = matches;
        if !unchanged {
            self.event(Event::ContentOffered { entry, name, devices: after });
        }
        Ok(())
    }
}

/// The size of an entry as it is kept.
fn bytes(entry: &CatalogEntry) -> usize {
    entry.to_json().len()
}

fn over(found: usize, limit: usize) -> Result<(), Error> {
    if found > limit {
        return Err(ErrorKind::Limit { what: LimitKind::List, limit }.into());
    }
    Ok(())
}
