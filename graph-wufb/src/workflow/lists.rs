//! Lists: which page comes next, and what applies to the devices.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::event::{Before, Event, Offer};
use super::receive::Then;
use super::state::{Job, List, Seen, State, clip};
use crate::error::{Error, ErrorKind, LimitKind};
use crate::models::{
    ApplicableContent, ApplicableContentDeviceMatch, CatalogEntry, CatalogEntryId, DeviceId, Model,
};
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
        page.whole()?;
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
        Ok(Some(List { target: Some(target), pages, rewinds: list.rewinds }))
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
        if self.unmatched.is_empty() {
            self.end_content(now);
        }
        Ok(Then::Over)
    }

    /// A page of the devices that an offer applies to. *Decision*: they are asked for by the offer's
    /// own path and from the start, not by the link that came with it: so many links would be much
    /// to keep.
    pub(super) fn matches(
        &mut self,
        now: DateTime<Utc>,
        entry: &CatalogEntryId,
        list: &List,
        response: &Response,
    ) -> Result<Then, Error> {
        // An answer that says nothing does not say that there are no devices.
        if response.body.is_none() {
            return Ok(Then::Lost);
        }
        let page = response.page::<ApplicableContentDeviceMatch>()?;
        let more = self.more(list, &page)?;
        let mut found = self.ours(&page.items);
        if let Some(offer) = self.offers.get_mut(entry) {
            found.retain(|device| !offer.devices.contains(device));
            let matches = self.seen.matches + found.len();
            over(matches, self.plan.matches)?;
            self.seen.matches = matches;
            offer.devices.extend(found);
        }
        if let Some(list) = more {
            return Ok(Then::Go(Job::ListMatches { entry: entry.clone(), list }, None));
        }
        self.matched(now, entry);
        Ok(Then::Over)
    }

    /// The service does not say which devices an offer applies to: as far as is known, to those that
    /// it applied to before.
    pub(super) fn matches_refused(
        &mut self,
        now: DateTime<Utc>,
        entry: &CatalogEntryId,
        reason: &str,
    ) {
        self.unreadable(&format!("the devices of {entry}: {reason}"));
        if let Some(offer) = self.offers.get_mut(entry) {
            let before = offer.before.as_ref().and_then(|before| before.devices.as_ref());
            let missing = before.into_iter().flatten().filter(|it| !offer.devices.contains(*it));
            let room = self.plan.matches.saturating_sub(self.seen.matches);
            let missing: Vec<_> = missing.take(room).cloned().collect();
            self.seen.matches += missing.len();
            offer.devices.extend(missing);
        }
        self.matched(now, entry);
    }

    fn matched(&mut self, now: DateTime<Utc>, entry: &CatalogEntryId) {
        self.unmatched.remove(entry);
        if self.unmatched.is_empty() {
            self.end_content(now);
        }
    }

    /// The devices of the plan among these, in our spelling, which is as long as the vendor made it.
    fn ours(&self, matched: &[ApplicableContentDeviceMatch]) -> BTreeSet<DeviceId> {
        let ids = matched.iter().filter_map(|matched| matched.device_id.get());
        ids.filter_map(|id| self.devices.get_key_value(id).map(|(id, _)| id.clone())).collect()
    }

    /// The end of a round of looks. Only now is it known what each offer applies to: an update may
    /// be spread over pages, and its devices over pages of their own.
    fn end_content(&mut self, now: DateTime<Utc>) {
        for (entry, offer) in &mut self.offers {
            let Some(Before { devices, name }) = offer.before.take() else { continue };
            if devices.as_ref() != Some(&offer.devices) {
                let (entry, devices) = (entry.clone(), offer.devices.len());
                self.events.push_back(Event::ContentOffered { entry, name, devices });
            }
        }
        let gone: Vec<_> = self
            .offers
            .iter()
            .filter(|(_, offer)| offer.round != self.rounds)
            .map(|(entry, _)| entry.clone())
            .collect();
        for entry in gone {
            self.offers.remove(&entry);
            self.event(Event::ContentGone { entry });
        }
        self.seen = Seen::default();
        self.look_after(now, self.rounds.saturating_add(1));
    }

    /// A round of looks that goes over a limit begins anew: what was seen of it would count for
    /// ever, however much of it is gone.
    pub(super) fn forget_round(&mut self, job: &mut Job) {
        if !matches!(job, Job::ListContent { .. } | Job::ListMatches { .. }) {
            return;
        }
        *job = Job::ListContent { list: List::default() };
        self.offers.retain(|_, offer| match offer.before.take() {
            Some(Before { devices: Some(devices), .. }) => {
                offer.devices = devices;
                true
            }
            // New in this round, and not told yet.
            Some(_) => false,
            None => true,
        });
        self.unmatched.clear();
        self.seen = Seen::default();
        self.rounds = self.rounds.saturating_add(1);
    }

    fn offered(&mut self, item: ApplicableContent) -> Result<(), Error> {
        let Some(entry) = item.entry_id() else { return Ok(()) };
        let mut found = self.ours(item.matched_devices.items());
        let has_more_devices = item.has_more_devices();
        let (round, known) = (self.rounds, self.offers.get_mut(&entry));
        // One update may be spread over pages.
        let extends = known.as_ref().is_some_and(|offer| offer.round == round);
        if let (Some(offer), true) = (&known, extends) {
            found.retain(|device| !offer.devices.contains(device));
        }
        let seen = Seen {
            offers: self.seen.offers + usize::from(!extends),
            matches: self.seen.matches + found.len(),
        };
        over(seen.offers, self.plan.objects)?;
        over(seen.matches, self.plan.matches)?;
        let read = item.catalog_entry.into_option();
        let name = read.as_ref().map_or("", |entry| entry.display_name());
        let name = clip(name, 256);
        let read = read.filter(|entry| bytes(entry) <= self.plan.entry_bytes);
        match known {
            Some(offer) if extends => offer.devices.extend(found),
            Some(offer) => {
                let devices = Some(std::mem::replace(&mut offer.devices, found));
                (offer.round, offer.entry) = (round, read);
                offer.before = Some(Before { devices, name });
            }
            None => {
                let before = Some(Before { devices: None, name });
                self.offers
                    .insert(entry.clone(), Offer { entry: read, devices: found, round, before });
            }
        }
        self.seen = seen;
        if has_more_devices {
            self.unmatched.insert(entry);
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
