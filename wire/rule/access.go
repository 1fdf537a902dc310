package rule

import "parley.example/wire/fault"

// Who gets in, and the pages of the desk.
const (
	AccessSession fault.Code = "access.session" // nobody has signed in, or the session has ended
	AccessDenied  fault.Code = "access.denied"  // a role that may not do this
	WebForm       fault.Code = "web.form"       // a form that cannot be read, or is too long
	WebNoPage     fault.Code = "web.no-page"    // no such page
)
