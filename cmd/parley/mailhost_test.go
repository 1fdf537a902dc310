package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"parley.example/internal/carrier/mailhost"
)

// mailAddresses has this binary be a mail server in memory for nodes of a test
// that are processes of their own: the variable names its mailboxes, a list in
// JSON of addresses. It says where it answers in one line of JSON, and how many
// messages were handed in so far for each line that it reads.
const mailAddresses = "PARLEY_TEST_MAIL"

// boxPassword opens each mailbox: what is tested there is not the password.
const boxPassword = "of-the-box"

func serveMail(ctx context.Context, list string) error {
	var addresses []string
	if err := json.Unmarshal([]byte(list), &addresses); err != nil {
		return err
	}
	var boxes []mailhost.Box
	for _, a := range addresses {
		boxes = append(boxes, mailhost.Box{Address: a, Password: boxPassword})
	}
	host, err := mailhost.Open(boxes...)
	if err != nil {
		return err
	}
	defer host.Close()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"smtp": host.SMTP, "imap": host.IMAP, "password": boxPassword}); err != nil {
		return err
	}
	asked := make(chan error)
	go func() {
		for {
			if _, err := fmt.Fscanln(os.Stdin); err == io.EOF {
				asked <- nil
				return
			}
			fmt.Println(len(host.Sent()))
		}
	}()
	select {
	case <-ctx.Done():
		return nil
	case err := <-asked:
		return err
	}
}
