package api

import "parley.example/internal/access"

// What the bodies of calls are about. A test holds that every body that names
// a counterpart, a request, a draft or a prepared act says so here.

func (in *LinkAsk) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }
func (in *CallWriting) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}
func (in *SignAsk) scope() scope     { return scope{Link: in.Link, Realm: in.Realm} }
func (in *EvidenceAsk) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }
func (in *CutAsk) scope() scope      { return scope{Link: in.Link, Realm: in.Realm} }
func (in *TestAsk) scope() scope     { return scope{Link: in.Link, Realm: in.Realm} }
func (in *DigestAsk) scope() scope   { return scope{Link: in.Link, Realm: in.Realm} }
func (in *EnterAsk) scope() scope    { return scope{Link: in.Link, Realm: in.Realm} }
func (in *WithheldAsk) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }

func (in *ReviewAsk) scope() scope {
	about := scope{Link: in.Link, Realm: in.Realm}
	if in.Export {
		about.action = access.Disclose
	}
	return about
}

func (in *CustodySigned) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}
func (in *CustodyStep) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}

func (in *Prepare) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request, Kind: in.Kind}
}
func (in *Submit) scope() scope { return scope{Token: in.Token} }
func (in *Cross) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}

func (in *Disclose) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}

func (in *DeskChange) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}
func (in *Form) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}
func (in *FormAsk) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }

func (in *DeskAnswer) scope() scope { return scope{Draft: in.Draft} }
func (in *DraftAsk) scope() scope   { return scope{Draft: in.Number} }
func (in *CompartmentAsk) scope() scope {
	return scope{Link: in.Link, Realm: in.Realm, Request: in.Request}
}
