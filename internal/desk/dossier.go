package desk

import (
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Dossier is what the office keeps beside one request. Who wrote what is as
// the office's own node was told, and not signed.
type Dossier struct {
	Notes    []Note
	Tasks    []Task
	Assigned Assignment
}

// Note is an internal note.
type Note struct {
	By   Private // who wrote it; blank when that was not said
	At   int64   // milliseconds
	Text Private
}

// Task is something to be done, numbered from 1 in its dossier.
type Task struct {
	By   Private
	At   int64
	Text Private
	For  Private // key identifier of an officer; blank: anybody's
	Due  int64   // milliseconds; 0: no day
	Done int64   // when; 0 while it is open
}

// Assignment says whose a request is.
type Assignment struct {
	To Private // key identifier of an officer; blank: nobody's
	By Private
	At int64
}

// AddNote adds a note: desk.text, desk.full.
func (d *Dossier) AddNote(by, text string, at int64) error {
	words, err := Keep(text)
	if err != nil {
		return err
	}
	author, err := keepAny(by)
	if err != nil {
		return err
	}
	if len(d.Notes) >= MaxNotes {
		return fault.New(rule.DeskFull, "limit", fault.Int(MaxNotes))
	}
	d.Notes = append(d.Notes, Note{By: author, At: at, Text: words})
	return nil
}

// AddTask adds a task and gives its number: desk.text, desk.full.
func (d *Dossier) AddTask(by, text, officer string, due, at int64) (int, error) {
	words, err := Keep(text)
	if err != nil {
		return 0, err
	}
	author, err := keepAny(by)
	if err != nil {
		return 0, err
	}
	whose, err := keepAny(officer)
	if err != nil {
		return 0, err
	}
	if len(d.Tasks) >= MaxTasks {
		return 0, fault.New(rule.DeskFull, "limit", fault.Int(MaxTasks))
	}
	d.Tasks = append(d.Tasks, Task{By: author, At: at, Text: words, For: whose, Due: due})
	return len(d.Tasks), nil
}

// Done closes a task by its number: desk.no-task when it is not there. Closing
// it again changes nothing.
func (d *Dossier) Done(number int, at int64) error {
	if number < 1 || number > len(d.Tasks) {
		return fault.New(rule.DeskNoTask, "number", fault.Int(number))
	}
	if t := &d.Tasks[number-1]; t.Done == 0 {
		t.Done = at
	}
	return nil
}

// Assign gives the request to an officer, by key identifier; empty takes it
// back.
func (d *Dossier) Assign(to, by string, at int64) error {
	whose, err := keepAny(to)
	if err != nil {
		return err
	}
	author, err := keepAny(by)
	d.Assigned = Assignment{To: whose, By: author, At: at}
	return err
}

// Concerns reports whether the request, or an open task of it, is an officer's.
func (d *Dossier) Concerns(officer string) bool {
	if d.Assigned.To.Words() == officer {
		return true
	}
	for _, t := range d.Tasks {
		if t.Done == 0 && t.For.Words() == officer {
			return true
		}
	}
	return false
}

// Open counts the tasks that are not done.
func (d *Dossier) Open() (n int) {
	for _, t := range d.Tasks {
		if t.Done == 0 {
			n++
		}
	}
	return n
}

// The forms in which dossiers and results are kept. They are made and read in
// this file alone, and leave it sealed.
type (
	keptDossier struct {
		Notes    []keptNote `json:"notes"`
		Tasks    []keptTask `json:"tasks"`
		Assigned keptNote   `json:"assigned"`
	}
	keptNote struct {
		By   string `json:"by"`
		At   int64  `json:"at"`
		Text string `json:"text"`
	}
	keptTask struct {
		keptNote
		For  string `json:"for"`
		Due  int64  `json:"due"`
		Done int64  `json:"done"`
	}
	keptResult struct {
		Check     string `json:"check"`
		Verdict   string `json:"verdict"`
		At        int64  `json:"at"`
		Note      string `json:"note"`
		Officer   string `json:"officer"`
		Algorithm uint8  `json:"algorithm"`
		Signature []byte `json:"signature"`
	}
)

const maxKept = 64 << 20

func note(by Private, at int64, text Private) keptNote {
	return keptNote{by.Words(), at, text.Words()}
}

// Seal gives the dossier as it is kept; its bytes are shown to seal alone.
func (d *Dossier) Seal(seal func(plain []byte) []byte) ([]byte, error) {
	k := keptDossier{Assigned: note(d.Assigned.By, d.Assigned.At, d.Assigned.To)}
	for _, x := range d.Notes {
		k.Notes = append(k.Notes, note(x.By, x.At, x.Text))
	}
	for _, x := range d.Tasks {
		k.Tasks = append(k.Tasks, keptTask{note(x.By, x.At, x.Text), x.For.Words(), x.Due, x.Done})
	}
	return sealed(k, seal)
}

func sealed(kept any, seal func(plain []byte) []byte) ([]byte, error) {
	plain, err := ijson.Encode(kept)
	if err != nil {
		return nil, err
	}
	return seal(plain), nil
}

func opened(b []byte, open func(sealed []byte) ([]byte, error), kept any) error {
	plain, err := open(b)
	if err != nil {
		return err
	}
	return ijson.Decode(plain, kept, ijson.Limits{Bytes: maxKept})
}

// OpenDossier reads a dossier that was kept.
func OpenDossier(b []byte, open func(sealed []byte) ([]byte, error)) (*Dossier, error) {
	var k keptDossier
	if err := opened(b, open, &k); err != nil {
		return nil, err
	}
	d := &Dossier{Assigned: Assignment{private(k.Assigned.Text), private(k.Assigned.By), k.Assigned.At}}
	for _, x := range k.Notes {
		d.Notes = append(d.Notes, Note{private(x.By), x.At, private(x.Text)})
	}
	for _, x := range k.Tasks {
		d.Tasks = append(d.Tasks, Task{private(x.By), x.At, private(x.Text), private(x.For), x.Due, x.Done})
	}
	return d, nil
}

// Seal gives the result as it is kept; its bytes are shown to seal alone.
func (r *Result) Seal(seal func(plain []byte) []byte) ([]byte, error) {
	return sealed(keptResult{r.Check, r.Verdict.Name(), r.At, r.Note.Words(), r.Officer, r.Algorithm, r.Signature}, seal)
}

// OpenResult reads a result that was kept.
func OpenResult(b []byte, open func(sealed []byte) ([]byte, error)) (*Result, error) {
	var k keptResult
	if err := opened(b, open, &k); err != nil {
		return nil, err
	}
	v, ok := VerdictNamed(k.Verdict)
	if !ok {
		return nil, fault.New(rule.StoreDamaged, "what", "result of a check")
	}
	return &Result{k.Check, v, k.At, private(k.Note), k.Officer, k.Algorithm, k.Signature}, nil
}
