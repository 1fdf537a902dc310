package rule

import "parley.example/wire/fault"

// Who gets in, and the pages of the desk.
const (
	AccessSession     fault.Code = "access.session"     // nobody has signed in, or the session has ended
	AccessDenied      fault.Code = "access.denied"      // a role that may not do this
	AccessCompartment fault.Code = "access.compartment" // limited to named people
	AccessAccount     fault.Code = "access.account"     // no such account, or none that can be
	AccessRoles       fault.Code = "access.roles"       // roles that nobody has, or not together
	AccessInvitation  fault.Code = "access.invitation"  // a one-time code that is unknown, used or late
	AccessTwoPersons  fault.Code = "access.two-persons" // a second named person must agree
	AccessPasskey     fault.Code = "access.passkey"     // a passkey or key that is not taken
	AccessFresh       fault.Code = "access.fresh"       // signed in too long ago for this
	AccessAgency      fault.Code = "access.agency"      // the agency's own sign-in refused, or is not there
	WebForm           fault.Code = "web.form"           // a form that cannot be read, or is too long
	WebNoPage         fault.Code = "web.no-page"        // no such page
	WebUnsigned       fault.Code = "web.unsigned"       // a page was sent without the signature that it asks for
)
