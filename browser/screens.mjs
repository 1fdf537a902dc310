// Every screen, by name and path. A test walks them all in both languages, both
// themes and two widths; whoever adds a page adds a line here.

export const screens = [
  { name: "watch", path: () => "/real/nanlin/watch" },
  { name: "watch-wall", path: () => "/real/nanlin/watch?wall=1" },
  { name: "requests", path: () => "/real/nanlin/requests" },
  { name: "requests-owed", path: () => "/real/nanlin/requests?view=due" },
  { name: "requests-found", path: () => "/real/nanlin/requests?find=%E5%8F%91%E7%A5%A8&view=all" },
  { name: "requests-none", path: () => "/real/nanlin/requests?view=priority" },
  { name: "request-ours", path: (names) => `/real/nanlin/requests/${names.answered}` },
  { name: "request-theirs", path: (names) => `/real/nanlin/requests/${names.theirs}` },
  { name: "cases", path: () => "/real/nanlin/cases" },
  { name: "arrangement", path: () => "/real/nanlin/arrangement" },
  { name: "arrangement-other", path: () => "/real/nanlin/arrangement?in=zh" },
  { name: "review", path: () => "/real/nanlin/review" },
  { name: "record", path: () => "/real/nanlin/record" },
  { name: "new", path: () => "/real/nanlin/requests/new" },
  { name: "new-from", path: (names) => `/real/nanlin/requests/new?from=${names.answered}` },
  { name: "forms", path: () => "/real/nanlin/forms" },
  { name: "say-answer", path: (names) => `/real/nanlin/requests/${names.theirs}/say/answer` },
  { name: "say-decline", path: (names) => `/real/nanlin/requests/${names.theirs}/say/decline` },
  { name: "say-extend", path: (names) => `/real/nanlin/requests/${names.theirs}/say/extend` },
  { name: "limit", path: (names) => `/real/nanlin/requests/${names.theirs}/limit` },
  { name: "me", path: () => "/me" },
  { name: "people", path: () => "/people" },
  { name: "error", path: () => "/real/nanlin/requests/nanlin-999", status: 404 },
];
