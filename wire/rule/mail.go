package rule

import "parley.example/wire/fault"

// Turns that go by mail (spec/mail.md).
const (
	MailForeign   fault.Code = "mail.foreign"   // a file that is not sealed to us
	MailChunk     fault.Code = "mail.chunk"     // sealed to us, and not written as it would be
	MailSignature fault.Code = "mail.signature" // not signed by the office that it names
	MailSettings  fault.Code = "mail.settings"  // the mail of the configuration cannot be used
	MailSend      fault.Code = "mail.send"      // the mail server did not take a message
	MailFetch     fault.Code = "mail.fetch"     // the mailbox could not be read
)
