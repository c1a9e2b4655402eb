import streamlit as st


def show() -> None:
    st.title("Look")
    st.write("This page is being written.")
