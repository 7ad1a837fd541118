//! Versions out of names of images.

/// The version of an image: its tag, or the beginning of its digest.
pub(super) fn version(image: &str) -> Option<String> {
    let (named, digest) = image.split_once('@').map_or((image, None), |(named, digest)| (named, Some(digest)));
    let last = named.rsplit('/').next().unwrap_or(named);
    let tag = last.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty());
    let short = || digest.map(|digest| digest.chars().take(19).collect::<String>());
    tag.map(str::to_owned).or_else(short).as_deref().and_then(super::name)
}
