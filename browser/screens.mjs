// Every screen, by name and path. A test walks them all in both languages, both
// themes and two widths; whoever adds a page adds a line here.

export const screens = [
  { name: "watch", path: () => "/real/nanlin/watch" },
  { name: "watch-wall", path: () => "/real/nanlin/watch?wall=1" },
  { name: "requests", path: () => "/real/nanlin/requests" },
  { name: "requests-owed", path: () => "/real/nanlin/requests?view=due" },
  { name: "requests-ordered", path: () => "/real/nanlin/requests?view=all&order=due" },
  { name: "requests-found", path: () => "/real/nanlin/requests?find=%E5%8F%91%E7%A5%A8&view=all" },
  { name: "requests-none", path: () => "/real/nanlin/requests?view=priority" },
  { name: "request-ours", path: (names) => `/real/nanlin/requests/${names.answered}` },
  { name: "request-theirs", path: (names) => `/real/nanlin/requests/${names.theirs}` },
  { name: "request-print", path: (names) => `/real/nanlin/requests/${names.theirs}/print` },
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
  ...["facts", "asked", "handling", "check"].map((step) => ({ name: `form-${step}`, needs: "form", path: (names) => `/real/nanlin/forms/${names.form}/${step}` })),
  { name: "draft", needs: "draft", path: (names) => `/real/nanlin/drafts/${names.draft}` },
  { name: "limit", path: (names) => `/real/nanlin/requests/${names.theirs}/limit` },
  { name: "me", path: () => "/me" },
  { name: "roles", path: () => "/roles" },
  { name: "people", path: () => "/people" },
  { name: "access-record", needs: "form", path: () => "/access-record" },
  { name: "exercise-watch", path: () => "/exercise/nanlin/watch" },
  { name: "exercise-requests", path: () => "/exercise/nanlin/requests" },
  { name: "error", path: () => "/real/nanlin/requests/nanlin-999", status: 404 },
];

// What somebody sees who has not signed in.
export const outside = [
  { name: "sign-in", path: () => "/sign-in" },
  { name: "invitation", path: () => "/invitation" },
  { name: "signed-out", path: () => "/signed-out" },
];

// had are the screens of a world that has what they show.
export const had = (names) => screens.filter((x) => !x.needs || names[x.needs]);
