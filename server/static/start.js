// Runs before the page is painted, so that what only works with scripts never flashes up without them.
document.documentElement.classList.add("js");
