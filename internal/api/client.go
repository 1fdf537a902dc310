package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Client calls the interface over a node's socket.
type Client struct {
	do func(*http.Request) (*http.Response, error)
}

// Dial calls a running node.
func Dial(socket string) *Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	return &Client{(&http.Client{Transport: transport}).Do}
}

// Call posts in (nil: gets) and reads the answer into out.
func (c *Client) Call(ctx context.Context, path string, in, out any) error {
	method, body := http.MethodGet, io.Reader(nil)
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		method, body = http.MethodPost, bytes.NewReader(raw)
	}
	res, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		drain(res.Body)
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func (c *Client) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://node"+path, body)
	if err != nil {
		return nil, err
	}
	res, err := c.do(req)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeNotRunning)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	var p Problem
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&p); err != nil || p.Code == "" {
		return nil, fault.New(fault.Internal, "status", res.Status)
	}
	return nil, &fault.Fault{Code: fault.Code(p.Code), Args: p.Args}
}

// Attach sends content to be sealed, and gives the name to call it by.
func (c *Client) Attach(ctx context.Context, query string, content io.Reader) (string, error) {
	res, err := c.send(ctx, http.MethodPost, "/v1/attachments?"+query, content)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var out struct {
		ID string `json:"id"`
	}
	return out.ID, json.NewDecoder(res.Body).Decode(&out)
}

// Fetch writes the content of an attachment of a request's.
func (c *Client) Fetch(ctx context.Context, in LinkAsk, request, sealed string, to io.Writer) error {
	query := url.Values{"link": {in.Link}, "realm": {in.Realm}}
	return c.FetchFrom(ctx, "/v1/requests/"+url.PathEscape(request)+"/attachments/"+url.PathEscape(sealed)+"?"+query.Encode(), to)
}

// FetchFrom writes what a path answers, where that is not JSON.
func (c *Client) FetchFrom(ctx context.Context, path string, to io.Writer) error {
	res, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(to, res.Body)
	return err
}

// Verify calls step with each line; the last has the logs or the error.
func (c *Client) Verify(ctx context.Context, in LinkAsk, step func(Verify)) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	res, err := c.send(ctx, http.MethodPost, "/v1/verify", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v Verify
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return err
		}
		step(v)
		if v.Error != nil {
			return &fault.Fault{Code: fault.Code(v.Error.Code), Args: v.Error.Args}
		}
	}
	return lines.Err()
}
