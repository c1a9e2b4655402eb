import streamlit as st


def show() -> None:
    st.title("Start")
    st.write("This page is being written.")
